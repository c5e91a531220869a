/** Sessions at RomM, where a refresh token works once and an expired bearer breaks even what is public. */
import { expect, test } from 'vitest';
import { romm } from '../../src/servers.ts';
import type { Settings } from '../backends/stand.ts';
import { expectKept, pause, signInAtStand, untilStatus } from './at-stand.ts';

const LIFE = 4;
const LONG = 90_000;

const signIn = (settings: Partial<Settings>, onTestFinished: (task: () => void) => void) =>
  signInAtStand({
    kind: 'romm',
    isElsewhere: true,
    settings: { life: LIFE, ...settings },
    server: (url) => romm({ url }),
    onTestFinished,
  });

test.concurrent.for([
  ['401', { failsOnExpired: false }],
  ['a bare 500 without CORS headers', { failsOnExpired: true }],
] as const)(
  'three tabs are kept, and no expired token is sent where it is answered with %s',
  { timeout: LONG },
  async ([, settings], { onTestFinished }) => {
    const stand = await signIn(settings, onTestFinished);
    const { rotations } = await expectKept(stand, LIFE);
    expect(rotations).toBeGreaterThanOrEqual(5);
    expect(rotations).toBeLessThanOrEqual(12);
  },
);

test.concurrent('a lost answer ends the session, and what is public goes on without a token', {
  timeout: LONG,
}, async ({ onTestFinished }) => {
  const stand = await signIn({ failsOnExpired: true }, onTestFinished);
  await stand.befall('drops-answer');
  await untilStatus(stand, 'ended');
  expect([...(await stand.callFor(1, '/api/public/platforms'))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ rotations: 1, reuses: 1, refused: [] });
});

test.concurrent('an outage longer than the token is outlasted', { timeout: LONG }, async ({ onTestFinished }) => {
  const stand = await signIn({ failsOnExpired: true }, onTestFinished);
  await stand.befall('down');
  await untilStatus(stand, 'stale');
  await pause(1.5 * LIFE);
  await stand.befall(undefined);
  await untilStatus(stand, 'active', 60);
  expect([...(await stand.callFor(1))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [], reuses: 0 });
});
