/** The planted faults in the tests: all are still armed, and a few are caught. `npm run sim:planted` plants all of them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GROUPS } from './list.ts';

const FAULTS = GROUPS.flatMap(({ faults }) => faults);

test('every planted fault finds its line of the core, once', () => {
  const counts = FAULTS.map(({ file, find, name }) => ({
    name,
    count: readFileSync(`src/core/${file}`, 'utf8').split(find).length - 1,
  }));
  expect(counts.filter(({ count }) => count !== 1)).toEqual([]);
});

test('no planted fault stands in the list twice', () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

test('the simulation catches some of them within a few seeds', { timeout: 180_000 }, () => {
  const names = [
    'the record is not read again under the lock',
    'the claim is not written',
    'the leeway is added to the schedule instead of subtracted',
    'a sign-out is not written',
  ];
  const only = names.flatMap((name) => ['--only', name]);
  const { status, stdout } = spawnSync(
    process.execPath,
    ['test/sim/planted/start.js', '--seeds', '60', '--lines', '1', ...only],
    { encoding: 'utf8' },
  );
  expect(stdout).toMatch(new RegExp(`^${names.length} caught, 0 missed`, 'm'));
  expect(status).toBe(0);
});
