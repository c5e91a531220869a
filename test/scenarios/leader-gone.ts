/** The tab that leads goes, at every moment of a rotation and in both ways that a tab can. */
import type { Tab } from './engine.ts';
import type { Scenario } from './scenario.ts';
import { rotationsOf, SOON, untilHeld, untilLed, untilRotated, type Stage } from './stage.ts';
import { expectKept, expectOnTime, takeTally, type Tally } from './tally.ts';

const ways = {
  'is closed': { needs: [], go: (tab: Tab) => tab.close() },
  crashes: { needs: ['crash'], go: (tab: Tab) => tab.crash() },
} as const;

/** Each resolves when the moment has come. */
const moments: Readonly<Record<string, (stage: Stage, leader: Tab) => Promise<void>>> = {
  'before its request': async () => undefined,
  // The server has it and has not looked at it, and never does: Firefox does not cut off what a killed tab has sent.
  'during its request': async (stage) => {
    await untilHeld(stage, 'before');
  },
  'after its request': async (stage, leader) => {
    await untilRotated(stage, 1);
    const generation = rotationsOf(stage);
    const held = async (): Promise<unknown> => (await leader.ask('inspect')).state;
    await stage.expect.poll(held, { ...SOON, interval: 10 }).toMatchObject({ generation });
  },
};

async function lose(stage: Stage, moment: keyof typeof moments, go: (tab: Tab) => Promise<void>): Promise<Tally> {
  const { leader, others } = await untilLed(stage);
  await Promise.all(others.map((tab) => tab.ask('load', 1000)));
  await moments[moment]?.(stage, leader);
  const before = rotationsOf(stage);
  await stage.strike(leader);
  await go(leader);
  await untilRotated(stage, 1, before);
  await Promise.all(others.map((tab) => tab.ask('load', 0)));
  await untilLed(stage);
  await expectOnTime(stage, others);
  return expectKept(stage);
}

const survived = Object.entries(ways).flatMap(([way, { go, needs }]) =>
  Object.keys(moments).map(
    (moment): Scenario => ({
      name: `the leader ${way} ${moment}`,
      needs,
      life: 20,
      tabs: 4,
      play: (stage) => lose(stage, moment, go),
    }),
  ),
);

export const leaderGone: readonly Scenario[] = [
  ...survived,
  {
    // What only code outside of the tab could save: the new refresh token was in the answer.
    name: 'the leader crashes between what the server took and its answer: the session ends, and every tab says so',
    needs: ['crash'],
    life: 5,
    tabs: 4,
    play: async (stage) => {
      const { leader, others } = await untilLed(stage);
      await untilHeld(stage, 'after');
      await stage.strike(leader);
      await leader.crash();
      const ends = async (): Promise<unknown> => Promise.all(others.map(async (tab) => (await tab.ask('report')).ends));
      await stage.expect.poll(ends, SOON).toEqual(others.map(() => ['rejected']));
      const tally = await takeTally(stage);
      stage.expect(tally.reuses).toBeLessThanOrEqual(1);
      stage.expect(tally.refusals).toEqual([]);
      return tally;
    },
  },
];
