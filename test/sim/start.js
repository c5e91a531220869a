/**
 * Runs many seeds on all processors: `npm run sim -- --seeds N --from S [--tabs K] [--scenario NAME]`.
 * The scenario `all` plays so many seeds of each.
 * `--stop` ends at the first violation, `--lines` says how much of a trace is printed, `--quiet` prints none,
 * `--report FILE` writes the sums as JSON, and `--root DIRECTORY` plays over a copy of `src`, `test/sim` and `tsconfig.json`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, play } from './crew.js';
import { createTally, printTally } from './tally.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    tabs: { type: 'string' },
    scenario: { type: 'string' },
    lines: { type: 'string', default: '60' },
    quiet: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
    report: { type: 'string' },
    root: { type: 'string' },
  },
});

function count(name, least = 1, most = Number.MAX_SAFE_INTEGER) {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${name} must be a whole number, ${least} or more${most < 1_000 ? `, at most ${most}` : ''}.`);
}

/** Returns the exit code. */
async function run(output) {
  const [from, length] = [count('from', 0), count('seeds')];
  const { scenario } = values;
  const tabs = values.tabs === undefined ? undefined : count('tabs', 1, 12);
  const url = await bundle({ output, root: values.root });
  const { SCENARIOS } = await import(url);
  if (scenario !== undefined && scenario !== 'all' && !Object.hasOwn(SCENARIOS, scenario)) {
    const known = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(18)}${about}`);
    process.stderr.write(`There is no scenario ${JSON.stringify(scenario)}. There are:\n${known.join('\n')}\n`);
    return 2;
  }
  const scenarios = scenario === 'all' ? Object.keys(SCENARIOS) : [scenario];
  const [began, idle] = [performance.now(), process.cpuUsage()];
  const tally = createTally();
  let isBroken = false;
  await play({
    runs: scenarios.flatMap((name) => Array.from({ length }, (_, index) => ({ seed: from + index, scenario: name }))),
    bundle: url,
    tabs,
    lines: count('lines'),
    onRun: (result) => {
      const entry = tally.add(result);
      if (entry === undefined) return true;
      if (!values.quiet && entry.seeds.length === 1) process.stdout.write(`\n${result.story}\n`);
      isBroken = true;
      return !values.stop;
    },
  });
  const { system, user } = process.cpuUsage(idle);
  const seconds = [(performance.now() - began) / 1_000, (system + user) / 1_000_000];
  process.stdout.write(`${printTally(tally.sums(), seconds)}\n`);
  if (values.report !== undefined) {
    mkdirSync(dirname(values.report), { recursive: true });
    writeFileSync(values.report, JSON.stringify(tally.sums(), undefined, 2));
  }
  return isBroken ? 1 : 0;
}

const output = `.cache/sim/${process.pid}`;
try {
  process.exitCode = await run(output);
} finally {
  rmSync(output, { recursive: true, force: true });
}
