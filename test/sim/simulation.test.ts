/** The simulation in the tests: as many seeds as half a minute allows. `npm run sim` plays as many as one likes. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KINDS } from './faults.ts';
import { MENDED } from './mended.ts';
import { PLACES } from './page.ts';
import { SCENARIOS } from './scenario.ts';
import { explain, simulate } from './simulation.ts';

const SEEDS = 1_500;
const SEEDS_OF_SCENARIO = 25;
/** How often each kind of fault has to strike. */
const LEAST = 100;

/** The sums of many runs, as `--report` writes them. */
interface Report {
  readonly runs: number;
  readonly rotations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: readonly { readonly name: string; readonly story: string }[];
}

/** Plays in processes of their own, on all processors, and shows their tables. */
function play(name: string, ...options: readonly string[]): Report {
  const report = `.cache/sim/${name}.json`;
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['test/sim/start.js', '--quiet', '--report', report, ...options],
    { encoding: 'utf8' },
  );
  if (status !== 0 && status !== 1) throw new Error(stderr);
  process.stdout.write(stdout);
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

function storiesOf({ violations }: Report): readonly string[] {
  return violations.map(({ story }) => story);
}

describe('whatever the seed draws', () => {
  let report: Report | undefined;
  const played = (): Report => (report ??= play('tests', '--seeds', String(SEEDS)));

  test('no seed breaks an invariant', { timeout: 300_000 }, () => {
    expect(storiesOf(played())).toEqual([]);
    expect(played().runs).toBe(SEEDS);
  });

  test(`each kind of fault has struck ${LEAST} times`, () => {
    const { faults } = played();
    expect(KINDS.filter((kind) => (faults[kind] ?? 0) < LEAST)).toEqual([]);
  });

  test('tabs have crashed and frozen at every await', () => {
    const { faults } = played();
    const struck = (kind: string, place: string): number => faults[`${kind} at ${place}`] ?? 0;
    expect(PLACES.filter((place) => struck('crash', place) + struck('freeze', place) === 0)).toEqual([]);
  });

  test('sessions were kept, and not only ended', () => {
    const { ends, rotations } = played();
    const sum = Object.values(ends).reduce((all, each) => all + each, 0);
    expect(rotations).toBeGreaterThan(10 * sum);
  });
});

test('no scenario breaks an invariant', { timeout: 120_000 }, () => {
  const report = play('scenarios', '--seeds', String(SEEDS_OF_SCENARIO), '--scenario', 'all');
  expect(storiesOf(report)).toEqual([]);
  expect(report.runs).toBe(SEEDS_OF_SCENARIO * Object.keys(SCENARIOS).length);
});

test('seeds that once broke an invariant break none', async () => {
  for (const seed of MENDED) {
    const run = await simulate(seed);
    if (run.violation !== undefined) expect.fail(explain(run));
  }
});

test('the same seed gives the same trace', async () => {
  for (const seed of [3, 58, 85]) {
    const [one, other] = [await simulate(seed), await simulate(seed)];
    expect(other.trace).toEqual(one.trace);
  }
});
