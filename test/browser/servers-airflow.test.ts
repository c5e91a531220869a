/** Sessions at Airflow's task API, which issues the next token with its answers. */
import { expect, test } from 'vitest';
import { airflow } from '../../src/servers.ts';
import { pause, signInAtStand } from './at-stand.ts';

/** The server counts in whole seconds: of a life up to one is lost. */
const LIFE = 8;
const LONG = 120_000;

const signIn = (onTestFinished: (task: () => void) => void) =>
  signInAtStand({
    kind: 'airflow',
    isElsewhere: true,
    settings: { life: LIFE },
    server: (url) => airflow({ url, keepAliveUrl: `${url}/health` }),
    onTestFinished,
  });

test.concurrent('a token is taken from errors too, and a plain 403 is nobody’s end', { timeout: LONG }, async ({
  onTestFinished,
}) => {
  const stand = await signIn(onTestFinished);
  for (const [path, status] of [
    ['/api/forbidden', 403],
    ['/api/broken', 500],
  ] as const) {
    const before = await stand.sessions[0]?.token();
    await pause(1.1);
    expect([...(await stand.callFor(0.2, path))]).toEqual([status]);
    expect(await stand.sessions[0]?.token()).not.toBe(before);
  }
  expect(await stand.counts()).toMatchObject({ refused: [], rotations: 0 });
});

test.concurrent('a call that outlives its token brings none, and costs none', { timeout: LONG }, async ({
  onTestFinished,
}) => {
  const stand = await signIn(onTestFinished);
  const slow = stand.sessions[0]?.fetch(`${stand.url}/api/slow/${(LIFE + 1) * 1_000}`);
  expect((await slow)?.status).toBe(200);
  expect([...(await stand.callFor(1))]).toEqual([200]);
  expect(await stand.counts()).toMatchObject({ refused: [] });
});
