/** The reducer behind the state that an app sees. */
import { expect, test } from 'vitest';
import { transition, type StateEvent } from '../../src/core/state.ts';
import type { SessionState } from '../../src/core/types.ts';

const live = { generation: 3, expiresAt: 2_000, rotateAt: 1_000, endsAt: undefined, user: 'ada' };
const held: StateEvent = { type: 'held', live, isDead: false };
const active: SessionState = { status: 'active', ...live };

test.each<[string, SessionState, StateEvent, SessionState]>([
  ['nothing stored: absent', { status: 'restoring' }, { type: 'nothing-stored' }, { status: 'absent' }],
  ['nothing stored under a living session: no change', active, { type: 'nothing-stored' }, active],
  ['a good token: active', { status: 'restoring' }, held, active],
  ['a dead token: stale', active, { ...held, isDead: true }, { status: 'stale', retryAt: undefined, ...live }],
  ['a failed try: stale, until', active, { ...held, retryAt: 9 }, { status: 'stale', retryAt: 9, ...live }],
  ['good again: active', { status: 'stale', retryAt: 9, ...live }, held, active],
  ['ended', active, { type: 'ended', reason: 'expired' }, { status: 'ended', reason: 'expired' }],
  ['signed in again', { status: 'ended', reason: 'idle' }, held, active],
])('%s', (_, before, event, after) => {
  expect(transition(before, event)).toEqual(after);
});

test('what changes nothing leaves the very object', () => {
  expect(transition(active, held)).toBe(active);
  expect(transition(active, { ...held, live: { ...live } })).toBe(active);
});
