/** Plays seeds over a broken core until one of them shows it: a seed that the unbroken core fails as well shows nothing. */
import { parentPort, workerData } from 'node:worker_threads';

const { broken, from, lines, scenario, seeds, unbroken } = workerData;

// Nobody reads a stack here, and to write one costs more than the error.
Error.stackTraceLimit = 0;

let rejection;
process.on('unhandledRejection', (error) => {
  rejection = error;
});

/** What the seed breaks, and how it came to that; nothing when all is well. */
async function play({ explain, simulate }, seed) {
  rejection = undefined;
  try {
    const run = await simulate(seed, { scenario });
    // Rejections that nobody handled are told between two turns of the event loop.
    await new Promise((next) => setImmediate(next));
    if (rejection !== undefined)
      return { what: `0: nobody cared for ${String(rejection)}`, story: explain(run, lines) };
    if (run.violation === undefined) return undefined;
    const { invariant, kind } = run.violation;
    return { what: `${invariant}: ${kind}`, story: explain(run, lines) };
  } catch (error) {
    return { what: `0: ${String(error)}`, story: '' };
  }
}

const core = await import(broken);
core.useLightSignals();
let caught;
for (let seed = from; seed < from + seeds && caught === undefined; seed += 1) {
  const found = await play(core, seed);
  if (found === undefined || (await play(await import(unbroken), seed)) !== undefined) continue;
  caught = { seed, ...found };
}
parentPort.postMessage(caught);
