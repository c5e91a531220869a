/** Plays seeds over a broken core until one of them shows it: a seed that the unbroken core fails as well shows nothing. */
import { parentPort, workerData } from 'node:worker_threads';

const { broken, from, lines, scenario, seeds, unbroken } = workerData;

// Nobody reads a stack here, and to write one costs more than the error.
Error.stackTraceLimit = 0;

let rejection;
process.on('unhandledRejection', (error) => {
  rejection = error;
});

/** The unbroken core shows a known kind once in thousands of seeds: by chance a broken one may do so as well, but not so often. */
const OFTEN = 3;

/** What the seed breaks, and how it came to that; nothing when all is well. */
async function play({ explain, isKnown, simulate }, seed) {
  rejection = undefined;
  try {
    const run = await simulate(seed, { scenario });
    // Rejections that nobody handled are told between two turns of the event loop.
    await new Promise((next) => setImmediate(next));
    if (rejection !== undefined)
      return { what: `0: nobody cared for ${String(rejection)}`, story: explain(run, lines) };
    if (run.violation === undefined) return undefined;
    const { invariant, kind } = run.violation;
    return { what: `${invariant}: ${kind}`, isKnown: isKnown(run.violation), story: explain(run, lines) };
  } catch (error) {
    return { what: `0: ${String(error)}`, story: '' };
  }
}

const core = await import(broken);
core.useLightSignals();
const known = new Map();
let caught;
for (let seed = from; seed < from + seeds && caught === undefined; seed += 1) {
  const found = await play(core, seed);
  if (found === undefined || (await play(await import(unbroken), seed)) !== undefined) continue;
  const times = (known.get(found.what) ?? 0) + 1;
  known.set(found.what, times);
  if (!found.isKnown || times === OFTEN) caught = { seed, ...found };
}
parentPort.postMessage(caught);
