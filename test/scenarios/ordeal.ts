/** What three tabs have to live through with a server of any kind. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EndReason } from 'holdfast';
import type { Tab } from './engine.ts';
import type { Scenario } from './scenario.ts';
import { rotationsOf, SOON, untilHeld, untilLed, type Servers, type Stage } from './stage.ts';
import { takeTally, type Tally } from './tally.ts';

/** One kind of server, and where its rules differ from the others'. */
export interface ServerKind {
  readonly name: string;
  readonly servers?: Servers;
  /** Seconds. Servers that count in whole seconds take up to one of them away. */
  readonly life: number;
  /** A lost answer takes the session with it: no server of this kind forgives a second use, and it ends this session only. */
  readonly losesAnswers?: boolean;
  /** Refresh tokens that are presented again after a lost answer, where that is allowed. */
  readonly reuses?: number;
  /** An expired token brings no other: an outage that is longer ends the session. */
  readonly diesOfOutages?: boolean;
  /** The server is told of a sign-out. */
  readonly hearsSignOut?: boolean;
}

const CALLED = 10;
const IDLE = 5;
/** Milliseconds between two calls of a tab. */
const BEAT = 500;
/** Each falls due when so much of its life has passed: 0.75 to 0.9 of what the leeway, a quarter, leaves of it. */
const SOONEST = 0.75 * 0.75;

const askAll = <Answer>({ tabs }: Stage, ask: (tab: Tab) => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(tabs().map(ask));

const statesOf = async (stage: Stage) =>
  (await askAll(stage, (tab) => tab.ask('inspect'))).map(({ state }) =>
    state.status === 'ended' ? state.reason : state.status,
  );

const untilAll = (stage: Stage, state: EndReason | 'active' | 'stale'): Promise<void> =>
  stage.expect.poll(() => statesOf(stage), { timeout: 60_000 }).toEqual(stage.tabs().map(() => state));

const generationOf = async (stage: Stage): Promise<number> =>
  Math.max(...(await askAll(stage, async (tab) => (await tab.ask('inspect')).generation ?? 0)));

const untilGeneration = (stage: Stage, least: number): Promise<void> =>
  stage.expect.poll(() => generationOf(stage), { timeout: 60_000 }).toBeGreaterThanOrEqual(least);

/** All that the app has seen is 200, and all tabs hold the same. */
export async function expectUnharmed(stage: Stage, reuses = 0): Promise<Tally> {
  const { expect } = stage;
  expect((await askAll(stage, (tab) => tab.ask('call', 1))).flat()).toEqual(stage.tabs().map(() => '200'));
  const isSettled = async (): Promise<boolean> => {
    const { generations, lost, pending } = await takeTally(stage);
    return pending === 0 && lost === 0 && generations.length === 1;
  };
  await expect.poll(isSettled, SOON).toBe(true);
  const tally = await takeTally(stage);
  expect(tally).toMatchObject({ reuses, refusals: [] });
  expect(tally.failures).toEqual({});
  return tally;
}

async function keep(stage: Stage): Promise<Tally> {
  const { expect, setAt, setting } = stage;
  await askAll(stage, (tab) => tab.ask('load', BEAT));
  await wait(CALLED * setting.life * 1000);
  await askAll(stage, (tab) => tab.ask('load', 0));
  const called = await generationOf(stage);
  expect(called).toBeGreaterThanOrEqual(CALLED);
  await wait(IDLE * setting.life * 1000);
  expect((await generationOf(stage)) - called).toBeGreaterThanOrEqual(IDLE);
  const lives = (Date.now() - setAt) / 1000 / setting.life;
  // Once for all tabs.
  expect(rotationsOf(stage)).toBeLessThanOrEqual(lives / SOONEST + 2);
  return expectUnharmed(stage);
}

/** The server has it and has not looked at it when its tab crashes. */
async function crash(stage: Stage): Promise<void> {
  const { leader } = await untilLed(stage);
  const before = await generationOf(stage);
  const hold = await untilHeld(stage, 'before');
  await stage.strike(leader);
  await leader.crash();
  // By then its connection is cut, unless it was one to outlive the tab.
  await wait(1000);
  hold.release();
  await untilGeneration(stage, before + 1);
  await stage.open();
  await untilAll(stage, 'active');
}

async function outlast(stage: Stage, { diesOfOutages = false, life }: ServerKind): Promise<void> {
  stage.demo.control.goDown(1.5 * life);
  if (diesOfOutages) {
    await untilAll(stage, 'expired');
    await signInAgain(stage);
    return;
  }
  await untilAll(stage, 'stale');
  await askAll(stage, (tab) => tab.ask('callAside', 5));
  await untilAll(stage, 'active');
  const pending = async () => Math.max(...(await askAll(stage, async (tab) => (await tab.ask('report')).pending)));
  await stage.expect.poll(pending, SOON).toBe(0);
}

async function loseAnswer(stage: Stage, { losesAnswers = false }: ServerKind): Promise<void> {
  const before = await generationOf(stage);
  stage.demo.control.dropAnswers(1);
  if (losesAnswers) {
    await untilAll(stage, 'rejected');
    await signInAgain(stage);
  } else {
    await untilGeneration(stage, before + 1);
  }
}

/** In tabs of their own: what the others have seen is kept. */
async function signInAgain(stage: Stage): Promise<void> {
  stage.demo.control.comeUp();
  const before = stage.tabs();
  await Promise.all(before.map(stage.strike));
  await Promise.all(before.map((tab) => tab.close()));
  await stage.signIn(await stage.open());
  while (stage.tabs().length < before.length) await stage.open();
  await untilAll(stage, 'active');
}

async function signOut(stage: Stage, { hearsSignOut = false }: ServerKind): Promise<void> {
  const { demo, expect, tabs } = stage;
  const good = (): number => demo.control.counts().apiCalls['200'] ?? 0;
  await tabs()[1]?.ask('end');
  await untilAll(stage, 'signed-out');
  if (hearsSignOut) await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBeGreaterThan(0);
  const before = good();
  await askAll(stage, (tab) => tab.ask('call', 1));
  expect(good()).toBe(before);
}

/** The scenarios of one kind. */
export function ordealOf(kind: ServerKind): readonly Scenario[] {
  const { life, name, servers } = kind;
  const setting = { life, tabs: 3, ...(servers && { servers }) };
  return [
    {
      ...setting,
      weight: 15,
      name: `${name}: three tabs are kept for ${CALLED} lives under calls and ${IDLE} idle, and nothing is used twice`,
      play: keep,
    },
    {
      ...setting,
      name: `${name}: a crash in a rotation, an outage, a lost answer, and a sign-out in all tabs`,
      weight: 10,
      needs: ['crash'],
      play: async (stage) => {
        await crash(stage);
        await outlast(stage, kind);
        await loseAnswer(stage, kind);
        const tally = await expectUnharmed(stage, kind.reuses);
        await signOut(stage, kind);
        return tally;
      },
    },
  ];
}
