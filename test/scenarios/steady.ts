/** Ordinary days, many token lives long. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { expectKept, expectOnTime, type Tally } from './tally.ts';

/** So many lives with a call at this interval in every tab, or none for 0; at the end one more. */
async function stay(stage: Stage, lives: number, interval: number): Promise<Tally> {
  const { expect, setting, tabs } = stage;
  await Promise.all(tabs().map((tab) => tab.ask('load', interval)));
  await wait(lives * setting.life * 1000);
  await Promise.all(tabs().map((tab) => tab.ask('load', 0)));
  await Promise.all(tabs().map((tab) => tab.ask('call', 1)));
  const tally = await expectKept(stage);
  await expectOnTime(stage, tabs());
  const passed = (Date.now() - stage.setAt) / 1000 / setting.life;
  // Each falls due at 0.75 to 0.9 of what the leeway, a quarter, leaves of a life; the first perhaps sooner.
  expect(tally.rotations).toBeGreaterThanOrEqual(lives - tally.excusedLateness.length);
  expect(tally.rotations).toBeLessThanOrEqual(passed / (0.75 * 0.75) + 2);
  return tally;
}

export const steady: readonly Scenario[] = [
  {
    name: 'five tabs that call every 250 ms for 20 token lives',
    life: 5,
    tabs: 5,
    weight: 20,
    play: (stage) => stay(stage, 20, 250),
  },
  {
    name: 'twenty tabs that call every 250 ms for 12 token lives',
    life: 5,
    tabs: 20,
    weight: 60,
    play: (stage) => stay(stage, 12, 250),
  },
  {
    name: 'five tabs that nobody uses for 20 token lives',
    life: 5,
    tabs: 5,
    play: (stage) => stay(stage, 20, 0),
  },
  {
    name: 'five tabs that are all hidden, with one timer a minute',
    needs: ['hide', 'throttle'],
    life: 20,
    tabs: 5,
    isSeen: false,
    play: async (stage) => {
      const { expect, profile, tabs } = stage;
      await profile.hideAll();
      await wait(100_000);
      const reports = await Promise.all(tabs().map((tab) => tab.ask('report')));
      // Otherwise the throttling was not on, and the scenario shows nothing.
      for (const { ticks } of reports) expect(ticks).toBeLessThan(20);
      await expectOnTime(stage, tabs());
      await Promise.all(tabs().map((tab) => tab.ask('call', 1)));
      const tally = await expectKept(stage);
      expect(tally.rotations).toBeGreaterThanOrEqual(5);
      return tally;
    },
  },
  {
    name: 'five tabs without Web Locks',
    life: 10,
    tabs: 5,
    without: ['locks'],
    play: (stage) => stay(stage, 5, 1000),
  },
  {
    name: 'five tabs without BroadcastChannel',
    life: 10,
    tabs: 5,
    without: ['BroadcastChannel'],
    play: (stage) => stay(stage, 5, 1000),
  },
];
