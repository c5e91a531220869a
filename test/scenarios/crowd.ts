/** How crowded the machine is: how many times longer than undisturbed a piece of work takes on it. */
import { Worker } from 'node:worker_threads';

/** A few milliseconds of work, four times a second. Its fastest part tells how long the whole takes undisturbed. */
const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  let sum = 0;
  function work() {
    const from = performance.now();
    for (let step = 0; step < 200000; step += 1) sum = (sum + step) % 1000003;
    return performance.now() - from;
  }
  setInterval(() => {
    const times = Array.from({ length: 16 }, work);
    const fastest = Math.min(...times);
    parentPort.postMessage(times.reduce((total, time) => total + time, 0) / (fastest * times.length));
  }, 250);
`;

/** So many of the last answers count: those of two seconds, or of more where they come late. */
const MEMORY = 8;

/** A witness of the machine. */
export interface Crowd {
  /** 1: there is nobody else. */
  readonly now: () => number;
  readonly leave: () => Promise<void>;
}

/** Begins to watch. */
export function watchCrowd(): Crowd {
  const worker = new Worker(SOURCE, { eval: true });
  worker.unref();
  const answers: number[] = [];
  worker.on('message', (answer: number) => {
    answers.push(answer);
    if (answers.length > MEMORY) answers.shift();
  });
  return {
    now: () => answers.toSorted((one, other) => one - other)[Math.floor(answers.length / 2)] ?? 1,
    leave: async () => void (await worker.terminate()),
  };
}
