/** Runs many seeds on all processors: `npm run sim -- --seeds N --from S [--tabs K]`. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const OUTPUT = '.cache/sim';
/** So many seeds are handed to a worker at a time. */
const BATCH = 20;

/** Node 20 cannot read TypeScript: the simulation is bundled once, for all workers. */
async function bundle() {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: 'test/sim/simulation.ts',
      outDir: OUTPUT,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'simulation.js' } },
    },
    ssr: { noExternal: true },
  });
}

async function work() {
  const { explain, isKnown, simulate } = await import(pathToFileURL(resolve(OUTPUT, 'simulation.js')).href);
  let seed;
  process.on('unhandledRejection', (error) => {
    parentPort.postMessage({
      seed,
      violation: { invariant: 0, kind: 'a promise was rejected and nobody cared', at: 0, detail: String(error) },
    });
  });
  const play = async ({ from, to }) => {
    for (seed = from; seed < to; seed += 1) {
      const run = await simulate(seed, { tabs: workerData.tabs });
      const { ends, faults, rotations, violation } = run;
      parentPort.postMessage({
        seed,
        ends,
        faults,
        rotations,
        violation,
        known: violation && isKnown(violation),
        story: violation && explain(run, workerData.lines),
      });
      await new Promise((next) => setImmediate(next));
    }
    parentPort.postMessage('done');
  };
  parentPort.on('message', (batch) => void play(batch));
}

async function run() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      tabs: { type: 'string' },
      lines: { type: 'string', default: '60' },
      quiet: { type: 'boolean', default: false },
    },
  });
  const [seeds, from, lines] = [values.seeds, values.from, values.lines].map(Number);
  const tabs = values.tabs === undefined ? undefined : Number(values.tabs);
  await bundle();
  const began = performance.now();
  const faults = {};
  const ends = {};
  const violations = new Map();
  let next = from;
  let rotations = 0;
  let isBroken = false;
  const add = (sums, counts) => {
    for (const [name, count] of counts) sums[name] = (sums[name] ?? 0) + count;
  };
  const receive = (result) => {
    if (result.faults) add(faults, Object.entries(result.faults));
    if (result.ends) add(ends, result.ends);
    rotations += result.rotations ?? 0;
    if (!result.violation) return;
    const name = `${result.violation.invariant}: ${result.violation.kind}${result.known ? ' (known)' : ''}`;
    const before = violations.get(name) ?? [];
    violations.set(name, [...before, result.seed]);
    if (!result.known) isBroken = true;
    if (!values.quiet && before.length === 0) process.stdout.write(`\n${result.story ?? JSON.stringify(result)}\n`);
  };
  await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), Math.ceil(seeds / BATCH)) }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { tabs, lines } });
      return new Promise((done, fail) => {
        const hand = () => {
          if (next >= from + seeds) return void worker.terminate().then(done);
          const to = Math.min(next + BATCH, from + seeds);
          worker.postMessage({ from: next, to });
          next = to;
        };
        worker.on('message', (message) => (message === 'done' ? hand() : receive(message)));
        worker.on('error', fail);
        hand();
      });
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  process.stdout.write(`\nFaults: ${JSON.stringify(faults)}\nEnds: ${JSON.stringify(ends)}\n`);
  for (const [name, list] of violations) {
    process.stdout.write(
      `Invariant ${name}: ${list.length} seeds, first ${list
        .sort((a, b) => a - b)
        .slice(0, 8)
        .join(' ')}\n`,
    );
  }
  process.stdout.write(
    `${seeds} seeds in ${seconds.toFixed(1)} s (${(seeds / seconds).toFixed(0)} a second), ${rotations} rotations, ${violations.size} kinds of violation\n`,
  );
  process.exitCode = isBroken ? 1 : 0;
}

await (isMainThread ? run() : work());
