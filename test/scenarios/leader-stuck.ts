/** The tab that leads stops without going: its lock stays held, and its answer may still come. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Tab } from './engine.ts';
import type { Scenario } from './scenario.ts';
import { SOON, untilHeld, untilLed, untilRotated, type Stage } from './stage.ts';
import { expectKept, expectOnTime, type Tally } from './tally.ts';

const STUCK = 30_000;

/** Each stops the tab; what it returns lets it go on, once the time is over. */
const ways = {
  'is frozen': {
    needs: ['freeze', 'hide'],
    isSeen: false,
    weight: 10,
    stop: async (tab: Tab, others: readonly Tab[]) => {
      await others[0]?.show();
      await tab.freeze();
      return () => tab.thaw();
    },
  },
  'has a blocked thread': {
    needs: ['block'],
    isSeen: true,
    // A thread that is blocked works as hard as it can.
    weight: 50,
    stop: async (tab: Tab) => {
      await tab.ask('block', STUCK);
      return async () => undefined;
    },
  },
} as const;

type Stop = (tab: Tab, others: readonly Tab[]) => Promise<() => Promise<void>>;

async function finish(stage: Stage): Promise<Tally> {
  await Promise.all(stage.tabs().map((tab) => tab.ask('load', 0)));
  const pending = async (): Promise<unknown> =>
    Promise.all(stage.tabs().map(async (tab) => (await tab.ask('report')).pending));
  await stage.expect.poll(pending, SOON).toEqual(stage.tabs().map(() => 0));
  return expectKept(stage);
}

/** Between two rotations: another tab takes the next, and in time. */
async function stopIdle(stage: Stage, stop: Stop): Promise<Tally> {
  const { leader, others } = await untilLed(stage);
  await untilRotated(stage, 1);
  await stage.expect.poll(async () => (await leader.ask('inspect'))?.attempt ?? undefined, SOON).toBeUndefined();
  const resume = await stop(leader, others);
  await Promise.all(others.map((tab) => tab.ask('load', 1000)));
  await wait(STUCK);
  await expectOnTime(stage, others);
  await resume();
  await untilRotated(stage, 1);
  return finish(stage);
}

/** In a rotation: the others wait, for the token that they have may have been used. */
async function stopInRotation(stage: Stage, stop: Stop): Promise<Tally> {
  const { expect } = stage;
  const { counts } = stage.demo.control;
  const { leader, others } = await untilLed(stage);
  const hold = await untilHeld(stage, 'after');
  const resume = await stop(leader, others);
  const { arrivals } = counts();
  await Promise.all(others.map((tab) => tab.ask('load', 1000)));
  await wait(2000);
  hold.release();
  await wait(STUCK - 4000);
  expect(counts().arrivals).toBe(arrivals);
  await wait(2000);
  await resume();
  await untilRotated(stage, 1);
  return finish(stage);
}

export const leaderStuck: readonly Scenario[] = Object.entries(ways).flatMap(([way, { stop, ...rest }]) => {
  const setting = { ...rest, life: 10, tabs: 4 };
  return [
    { ...setting, name: `the leader ${way} for 30 s`, play: (stage) => stopIdle(stage, stop) },
    {
      ...setting,
      name: `the leader ${way} for 30 s in its rotation`,
      play: (stage) => stopInRotation(stage, stop),
    },
  ] satisfies readonly Scenario[];
});
