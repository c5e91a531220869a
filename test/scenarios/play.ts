/** Plays every scenario in one engine, as one test each, and prints what was counted. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { watchCrowd } from './crowd.ts';
import type { Engine } from './engine.ts';
import { createMachine } from './machine.ts';
import type { Scenario } from './scenario.ts';
import { setStage, type Stage } from './stage.ts';
import { ending } from './ending.ts';
import { leaderGone } from './leader-gone.ts';
import { leaderStuck } from './leader-stuck.ts';
import { returning } from './returning.ts';
import { steady } from './steady.ts';
import type { Tally } from './tally.ts';

const everywhere: readonly Scenario[] = [...steady, ...leaderStuck, ...leaderGone, ...returning, ...ending];

/** The column of what was excused, because the machine stood still, and of what was not played. */
const NOTE = 'note';

const CAPACITY = 100;
/** A machine is full when work takes so many times longer on it. */
const CROWDED = 8;

/** Makes the tests of one engine: of all scenarios that are for every engine, or of those given. What it cannot play is skipped by name, with the reason. */
export function playAll(engine: Engine, scenarios = everywhere): void {
  const crowd = watchCrowd();
  const machine = createMachine({ capacity: CAPACITY, crowd, limit: CROWDED });
  const end = Date.now() + (engine.minutes ?? Infinity) * 60_000;
  const rows: Record<string, unknown> = {};
  const playable = scenarios.filter((scenario) => lackOf(engine, scenario) === undefined);
  const lacking = scenarios.filter((scenario) => !playable.includes(scenario));

  afterAll(async () => {
    await Promise.all([engine.close(), crowd.leave()]);
    console.info(`The scenarios in ${engine.name}:`);
    console.table(rows);
  });

  // Titles by %s: vitest cuts the values of $name off.
  test.concurrent.for(playable.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async ([name, scenario], { expect, skip }) => {
      rows[name] = { [NOTE]: 'failed' };
      const tally = await machine({
        weight: Math.min(CAPACITY, (scenario.weight ?? 10) * (engine.weight ?? 1)),
        set: async () => {
          if (Date.now() < end) return setStage(engine, scenario, expect);
          const lack = `its turn had not come after ${engine.minutes} minutes`;
          rows[name] = { [NOTE]: `not played: ${lack}` };
          return skip(lack);
        },
        play: async (stage) => {
          try {
            return await scenario.play(stage);
          } catch (error) {
            console.info(`${name} failed: ${String(error)} ${JSON.stringify(Object(error).actual)}`);
            console.info('The tabs then:', JSON.stringify(await inspectAll(stage)));
            throw error;
          } finally {
            await stage.clear();
          }
        },
      });
      rows[name] = rowOf(tally);
    },
  );
  test.for(lacking.map((scenario) => [scenario.name, lackOf(engine, scenario)] as const))(
    '%s (not here: %s)',
    ([name, lack], { skip }) => {
      rows[name] = { [NOTE]: `not here: ${lack}` };
      skip(lack);
    },
  );
}

/** For whoever has to find the reason. A tab that was blocked or killed says nothing. */
function inspectAll({ tabs }: Stage): Promise<readonly unknown[]> {
  return Promise.all(
    tabs().map((tab) => Promise.race([tab.ask('inspect').catch(String), wait(2000, 'silent', { ref: false })])),
  );
}

function lackOf({ absent, lacks }: Engine, { needs = [] }: Scenario): string | undefined {
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
    [NOTE]: excusesOf(tally),
  };
}

function excusesOf({ excusedFailures, leftOut, excusedLateness: lateness, excusedRefusals: refusals }: Tally): string {
  const latest = lateness.toSorted((one, other) => other.milliseconds - one.milliseconds)[0];
  const oldest = Math.max(...refusals.map(({ age }) => age ?? 0));
  return [
    ...(latest === undefined
      ? []
      : [`${lateness.length} late, up to ${latest.milliseconds} ms in ${latest.stoodStill} ms of standstill`]),
    ...(refusals.length === 0
      ? []
      : [`${refusals.length} 401s for tokens that died on the way, up to ${oldest} s old`]),
    ...(excusedFailures === 0 ? [] : [`${excusedFailures} of them seen by the app`]),
    ...(leftOut === 0 ? [] : [`${leftOut} calls left out`]),
  ].join('; ');
}
