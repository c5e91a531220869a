/** The simulation in the tests: a few hundred seeds. `npm run sim` runs as many as one likes. */
import { expect, test } from 'vitest';
import { KINDS } from './faults.ts';
import { isKnown, MENDED } from './known.ts';
import { explain, simulate, type Run } from './simulation.ts';

const SEEDS = 500;
const BATCH = 100;

const runs: Run[] = [];

function storiesOf(all: readonly Run[]): readonly string[] {
  return all.filter(({ violation }) => violation !== undefined && !isKnown(violation)).map((run) => explain(run));
}

for (let from = 1; from <= SEEDS; from += BATCH) {
  test(`seeds ${from} to ${from + BATCH - 1} break no invariant`, async () => {
    const batch: Run[] = [];
    for (let seed = from; seed < from + BATCH; seed += 1) batch.push(await simulate(seed));
    runs.push(...batch);
    expect(storiesOf(batch)).toEqual([]);
  });
}

test('seeds that once broke an invariant break none', async () => {
  const mended: Run[] = [];
  for (const seed of MENDED) mended.push(await simulate(seed));
  expect(storiesOf(mended)).toEqual([]);
});

test('each kind of fault has struck', () => {
  const silent = KINDS.filter((kind) => runs.every(({ faults }) => faults[kind] === 0));
  expect(silent).toEqual([]);
});

test('sessions were kept, and not only ended', () => {
  const rotations = runs.reduce((sum, run) => sum + run.rotations, 0);
  const ends = runs.reduce((sum, run) => sum + run.ends.size, 0);
  expect(rotations).toBeGreaterThan(10 * ends);
});

test('the same seed gives the same trace', async () => {
  for (const seed of [3, 58, 85]) {
    const [one, other] = [await simulate(seed), await simulate(seed)];
    expect(other.trace).toEqual(one.trace);
  }
});
