/** Plays every scenario in one engine, as one test each, and prints what was counted. */
import { afterAll, test } from 'vitest';
import type { Engine } from './engine.ts';
import { createMachine, unlessStarved } from './machine.ts';
import type { Scenario } from './scenario.ts';
import { setStage } from './stage.ts';
import { ending } from './ending.ts';
import { leaderGone } from './leader-gone.ts';
import { leaderStuck } from './leader-stuck.ts';
import { returning } from './returning.ts';
import { steady } from './steady.ts';
import type { Tally } from './tally.ts';

const scenarios: readonly Scenario[] = [...steady, ...leaderStuck, ...leaderGone, ...returning, ...ending];

const CAPACITY = 100;

/** Makes the tests of one engine. What it cannot play is skipped by name, with the reason. */
export function playAll(engine: Engine): void {
  const machine = createMachine(CAPACITY);
  const rows: Record<string, unknown> = {};
  const playable = scenarios.filter((scenario) => lackOf(engine, scenario) === undefined);
  const lacking = scenarios.filter((scenario) => !playable.includes(scenario));

  afterAll(async () => {
    await engine.close();
    console.table(rows);
  });

  // Titles by %s: vitest cuts the values of $name off.
  test.concurrent.for(playable.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async ([name, scenario], { expect }) => {
      rows[name] = 'failed';
      const once = async (): Promise<Tally> => {
        const stage = await setStage(engine, scenario, expect);
        try {
          return await scenario.play(stage);
        } finally {
          await stage.clear();
        }
      };
      const again = (milliseconds: number): void =>
        console.warn(`${name}: failed while the machine stood still for ${milliseconds} ms. Once more.`);
      rows[name] = rowOf(
        await machine(Math.min(CAPACITY, (scenario.weight ?? 10) * (engine.weight ?? 1)), () =>
          unlessStarved(once, again),
        ),
      );
    },
  );
  test.for(lacking.map(({ name, ...scenario }) => [name, lackOf(engine, scenario)] as const))(
    '%s (not here: %s)',
    ([name, lack], { skip }) => {
      rows[name] = lack;
      skip(lack);
    },
  );
}

function lackOf({ absent, lacks }: Engine, { needs = [] }: Pick<Scenario, 'needs'>): string | undefined {
  return absent ?? needs.map((ability) => lacks[ability]).find((lack) => lack !== undefined);
}

function rowOf(tally: Tally): unknown {
  const { answered, due, failures, lost, refusals, reuses, rotations, tabs } = tally;
  return {
    tabs,
    'rotations / due': `${rotations} / ${due}`,
    'calls answered': answered,
    'calls failed': Object.values(failures).reduce((total, count) => total + count, 0),
    '401 at the API (age)': refusals.map(({ age, reason }) => `${reason} ${age ?? ''}`).join() || 0,
    reuses,
    lost,
  };
}
