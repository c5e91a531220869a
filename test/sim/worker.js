/** One worker of the crew: plays the seeds it is given, one after the other, and tells how each went. */
import { parentPort, workerData } from 'node:worker_threads';

const { bundle, lines, tabs } = workerData;
const { explain, simulate, useLightSignals } = await import(bundle);

// Nobody reads a stack here, and to write one costs more than the error.
Error.stackTraceLimit = 0;
useLightSignals();

let current;
function tell(kind, error) {
  const violation = { invariant: 0, kind, at: 0, detail: String(error) };
  parentPort.postMessage({ seed: current, violation, story: `Seed ${current}: ${String(error)}` });
}
process.on('unhandledRejection', (error) => tell('a promise was rejected and nobody cared', error));

/** The same run once more, written down. */
async function retold({ scenario, seed, violation }) {
  const run = await simulate(seed, { tabs, scenario });
  if (run.violation?.kind !== violation.kind) throw new Error(`Seed ${seed} did not do the same twice.`);
  return run;
}

async function playOne({ scenario, seed }) {
  current = seed;
  const run = await simulate(seed, { tabs, scenario, isTraced: false });
  const { ends, faults, rotations, violation } = run;
  const broken = violation && { story: explain(await retold(run), lines) };
  parentPort.postMessage({ seed, ends, faults, rotations, violation, ...broken });
  // Rejections that nobody handled are told between two turns of the event loop.
  await new Promise((next) => setImmediate(next));
}

async function play(runs) {
  for (const run of runs) await playOne(run).catch((error) => tell('the run broke off', error));
  parentPort.postMessage('done');
}

parentPort.on('message', (runs) => void play(runs));
