/** Ordinary days, many token lives long. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { expectKept, type Tally } from './tally.ts';

const LIFE = 5;

/** Calls at this interval in every tab, or none for 0; then the calls end and are counted. */
async function stay(stage: Stage, lives: number, interval: number): Promise<Tally> {
  const { expect, tabs } = stage;
  if (interval > 0) await Promise.all(tabs().map((tab) => tab.ask('load', interval)));
  await wait(lives * LIFE * 1000);
  await Promise.all(tabs().map((tab) => tab.ask('load', 0)));
  await Promise.all(tabs().map((tab) => tab.ask('call', 1)));
  const tally = await expectKept(stage);
  expect(tally.stale).toBe(0);
  // Rotations are due at 0.75 to 0.9 of what the leeway, a quarter, leaves of a life.
  expect(tally.rotations).toBeGreaterThanOrEqual(lives);
  expect(tally.rotations).toBeLessThanOrEqual(lives / (0.75 * 0.75) + 1);
  return tally;
}

export const steady: readonly Scenario[] = [
  {
    name: 'five tabs that call every 250 ms for 20 token lives',
    life: LIFE,
    tabs: 5,
    play: (stage) => stay(stage, 20, 250),
  },
];
