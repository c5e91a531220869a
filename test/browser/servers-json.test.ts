/** Sessions at a token service as FastAPI applications write them. */
import { expect, test } from 'vitest';
import { json } from '../../src/servers.ts';
import type { Settings } from '../backends/stand.ts';
import { expectKept, pause, signInAtStand, untilStatus } from './at-stand.ts';

const LIFE = 4;
const LONG = 90_000;

const signIn = (settings: Partial<Settings>, onTestFinished: (task: () => void) => void) =>
  signInAtStand({
    kind: 'fastapi',
    isElsewhere: true,
    settings: { life: LIFE, ...settings },
    server: (url) => json({ url: `${url}/token/refresh` }),
    onTestFinished,
  });

test.concurrent.for([
  ['stays', { isRotating: false }],
  ['is replaced', { isRotating: true }],
] as const)(
  'three tabs are kept where the refresh token %s',
  { timeout: LONG },
  async ([, settings], { onTestFinished }) => {
    const stand = await signIn(settings, onTestFinished);
    const { rotations } = await expectKept(stand, LIFE);
    expect(rotations).toBeGreaterThanOrEqual(5);
    expect(rotations).toBeLessThanOrEqual(12);
  },
);

test.concurrent('an answer that is lost costs nothing where the refresh token stays', { timeout: LONG }, async ({
  onTestFinished,
}) => {
  const stand = await signIn({}, onTestFinished);
  await stand.befall('drops-answer');
  expect([...(await stand.callFor(3 * LIFE))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [], reuses: 0 });
});

test.concurrent('an outage longer than the token is outlasted', { timeout: LONG }, async ({ onTestFinished }) => {
  const stand = await signIn({}, onTestFinished);
  await stand.befall('down');
  await untilStatus(stand, 'stale');
  await pause(1.5 * LIFE);
  await stand.befall(undefined);
  await untilStatus(stand, 'active', 60);
  expect([...(await stand.callFor(1))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [], reuses: 0 });
});
