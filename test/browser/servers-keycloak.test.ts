/** Sessions at a Keycloak realm: with refresh tokens that may be used for ever, once, or twice. */
import { expect, test, vi } from 'vitest';
import { keycloak } from '../../src/servers.ts';
import type { Settings } from '../backends/stand.ts';
import { expectKept, pause, signInAtStand, untilStatus } from './at-stand.ts';

const LIFE = 4;
const LONG = 90_000;

const signIn = (settings: Partial<Settings>, onTestFinished: (task: () => void) => void) =>
  signInAtStand({
    kind: 'keycloak',
    settings: { life: LIFE, ...settings },
    server: (url) => keycloak({ url, realm: 'test', clientId: 'spa' }),
    onTestFinished,
  });

test.concurrent.for<[claim: string, settings: Partial<Settings>]>([
  ['revocation off', {}],
  ['Max Reuse 0', { maxReuse: 0 }],
  ['Max Reuse 1', { maxReuse: 1 }],
])('three tabs are kept under calls and idle: %s', { timeout: LONG }, async ([, settings], { onTestFinished }) => {
  const stand = await signIn(settings, onTestFinished);
  const { rotations } = await expectKept(stand, LIFE);
  expect(rotations).toBeGreaterThanOrEqual(5);
  expect(rotations).toBeLessThanOrEqual(12);
});

test.concurrent.for<[claim: string, settings: Partial<Settings>]>([
  ['revocation off', {}],
  ['Max Reuse 1', { maxReuse: 1 }],
])('an answer that is lost costs nothing: %s', { timeout: LONG }, async ([, settings], { onTestFinished }) => {
  const stand = await signIn(settings, onTestFinished);
  await stand.befall('drops-answer');
  expect([...(await stand.callFor(3 * LIFE))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [], reuses: 0 });
});

test.concurrent('an answer that is lost with Max Reuse 0 ends this session after one more presentation', {
  timeout: LONG,
}, async ({ onTestFinished }) => {
  const stand = await signIn({ maxReuse: 0 }, onTestFinished);
  await stand.befall('drops-answer');
  await untilStatus(stand, 'ended');
  expect(stand.sessions.map(({ state }) => state)).toContainEqual({ status: 'ended', reason: 'rejected' });
  expect(await stand.counts()).toMatchObject({ rotations: 1, reuses: 1 });
});

test.concurrent('an outage longer than the token is outlasted with Max Reuse 0', { timeout: LONG }, async ({
  onTestFinished,
}) => {
  const stand = await signIn({ maxReuse: 0 }, onTestFinished);
  await stand.befall('down');
  await untilStatus(stand, 'stale');
  await pause(1.5 * LIFE);
  await stand.befall(undefined);
  await untilStatus(stand, 'active', 60);
  expect([...(await stand.callFor(1))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [], reuses: 0 });
});

test.concurrent('signing out in one tab ends all tabs, and the session at Keycloak', { timeout: LONG }, async ({
  onTestFinished,
}) => {
  const stand = await signIn({}, onTestFinished);
  await stand.sessions[1]?.end();
  await untilStatus(stand, 'ended');
  await vi.waitFor(async () => expect(await stand.counts()).toMatchObject({ logouts: 1 }), { timeout: 10_000 });
});
