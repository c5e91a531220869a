/** Sessions at RomM, where a refresh token works once and an expired bearer breaks even what is public. */
import { expect, test } from 'vitest';
import { romm } from '../../src/servers.ts';
import { signInAtStand, untilStatus } from './at-stand.ts';

test('a lost answer ends the session, and what is public goes on without a token', {
  timeout: 90_000,
}, async ({ onTestFinished }) => {
  const stand = await signInAtStand({
    kind: 'romm',
    isElsewhere: true,
    settings: { life: 4, failsOnExpired: true },
    server: (url) => romm({ url }),
    onTestFinished,
  });
  await stand.befall('drops-answer');
  await untilStatus(stand, 'ended');
  expect([...(await stand.callFor(1, '/api/public/platforms'))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ rotations: 1, reuses: 1, refused: [] });
});
