/** The crew: workers on all processors, which share the seeds among them. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** So many seeds are handed to a worker at a time. */
const BATCH = 20;
/** Most of what a run makes dies with it: in a small nursery it would be carried along. */
export const NURSERY_MEGABYTES = 64;

/**
 * Bundles the simulation, or another entry, since Node 20 cannot read TypeScript: over the core in `root`, which holds
 * `src`, `test/sim` and `tsconfig.json`, or over what `plugins` make of it. Two that run at once must not share their
 * output.
 *
 * @returns the bundle's URL.
 */
export async function bundle({ output, root = '.', entry = 'test/sim/simulation.ts', plugins = [] }) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins,
    build: {
      ssr: join(root, entry),
      outDir: resolve(output),
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'simulation.js' } },
    },
    ssr: { noExternal: true },
  });
  return pathToFileURL(resolve(output, 'simulation.js')).href;
}

/** Plays all runs, each a seed and perhaps a scenario, and hands over how each went. `onRun` returns false to stop. */
export async function play({ runs, onRun, ...given }) {
  const waiting = [...runs];
  const crew = new Set();
  const work = () => {
    const worker = new Worker(new URL('worker.js', import.meta.url), {
      workerData: given,
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MEGABYTES },
    });
    crew.add(worker);
    return new Promise((done, fail) => {
      const hand = () => {
        const batch = waiting.splice(0, BATCH);
        if (batch.length > 0) worker.postMessage(batch);
        else void worker.terminate().then(done);
      };
      const stop = () => {
        waiting.length = 0;
        for (const each of crew) void each.terminate();
      };
      worker.on('message', (message) => {
        if (message === 'done') hand();
        else if (onRun(message) === false) stop();
      });
      worker.on('error', fail);
      worker.on('exit', done);
      hand();
    });
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), Math.ceil(waiting.length / BATCH)) }, work));
}
