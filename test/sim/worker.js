/** One worker of the crew: plays the seeds it is given, one after the other, and tells how each went. */
import { parentPort, workerData } from 'node:worker_threads';

const { bundle, lines, tabs } = workerData;
const { explain, isKnown, simulate, useLightSignals } = await import(bundle);

// Nobody reads a stack here, and to write one costs more than the error.
Error.stackTraceLimit = 0;
useLightSignals();

let current;
process.on('unhandledRejection', (error) => {
  const violation = { invariant: 0, kind: 'a promise was rejected and nobody cared', at: 0, detail: String(error) };
  parentPort.postMessage({ seed: current, violation, story: `Seed ${current}: ${String(error)}` });
});

async function playOne({ scenario, seed }) {
  current = seed;
  const run = await simulate(seed, { tabs, scenario });
  const { ends, faults, rotations, violation } = run;
  const broken = violation && { known: isKnown(violation), story: explain(run, lines) };
  parentPort.postMessage({ seed, ends, faults, rotations, violation, ...broken });
  // Rejections that nobody handled are told between two turns of the event loop.
  await new Promise((next) => setImmediate(next));
}

async function play(runs) {
  for (const run of runs) await playOne(run);
  parentPort.postMessage('done');
}

parentPort.on('message', (runs) => void play(runs));
