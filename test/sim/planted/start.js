/**
 * Plants fault after fault in a copy of the core and sees whether the simulation notices: `npm run sim:planted --
 * [--only NAME]... [--seeds N] [--from S] [--lines N]`. A NAME is a fault's number, or words of its name.
 */
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundle, NURSERY_MEGABYTES } from '../crew.js';
import { occurrences, plant } from './plant.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    lines: { type: 'string', default: '60' },
  },
});
const [from, seeds, lines] = [Number(values.from), Number(values.seeds), Number(values.lines)];

/** Resolves with the first seed that shows the fault; with nothing when none does. */
async function search(fault, unbroken, output) {
  const broken = await plant(fault, output);
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: { broken, unbroken, from, seeds, lines, scenario: fault.scenario },
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MEGABYTES },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

function describe({ file, name, number, scenario = '' }, caught) {
  const how = caught === undefined ? `MISSED in ${seeds} seeds` : `seed ${caught.seed}: ${caught.what}`;
  return `${`${number}`.padStart(3)}  ${file.padEnd(12)} ${name.padEnd(68)} ${scenario.padEnd(9)} ${how}`;
}

/** The end of the trace, and how to see it again. */
function explain({ name }, { seed, story }) {
  const trace = story.split('\n').slice(0, -1).join('\n');
  return `\n${trace}\nRepeat it: npm run sim:planted -- --only '${name}' --seeds 1 --from ${seed}\n`;
}

/** Returns the exit code. */
async function run(output) {
  const { GROUPS } = await import(await bundle({ output: `${output}/list`, entry: 'test/sim/planted/list.ts' }));
  const all = GROUPS.flatMap(({ faults }) => faults).map((fault, index) => ({ ...fault, number: index + 1 }));
  const disarmed = all.filter((fault) => occurrences(fault) !== 1);
  for (const { file, find, name } of disarmed) {
    process.stderr.write(`"${name}" is broken: this must stand in src/core/${file} exactly once:\n  ${find}\n`);
  }
  if (disarmed.length > 0) return 2;
  const { only } = values;
  const isChosen = ({ name, number }) => only.some((word) => word === `${number}` || name.includes(word));
  const chosen = only.length === 0 ? all : all.filter(isChosen);
  if (chosen.length === 0) {
    process.stderr.write(`There is no such fault. There are:\n${all.map(({ name }) => `  ${name}`).join('\n')}\n`);
    return 2;
  }
  const began = performance.now();
  const unbroken = await bundle({ output: `${output}/unbroken` });
  const results = new Map();
  const waiting = [...chosen];
  let printed = 0;
  const work = async () => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      results.set(fault, await search(fault, unbroken, `${output}/${fault.number}`));
      for (; printed < chosen.length && results.has(chosen[printed]); printed += 1) {
        const caught = results.get(chosen[printed]);
        process.stdout.write(`${describe(chosen[printed], caught)}\n`);
        if (only.length > 0 && caught !== undefined) process.stdout.write(`${explain(chosen[printed], caught)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const missed = [...results.values()].filter((caught) => caught === undefined).length;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  process.stdout.write(`\n${results.size - missed} caught, ${missed} missed, in ${seconds} s\n`);
  return missed === 0 ? 0 : 1;
}

const output = `.cache/planted/${process.pid}`;
try {
  process.exitCode = await run(output);
} finally {
  rmSync(output, { recursive: true, force: true });
}
