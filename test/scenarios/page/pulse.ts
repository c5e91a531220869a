/** The page's own witness of when it was kept from running: a worker that says "now", and when the page hears it. */
import type { Interval } from './probe.ts';

const BEAT = 100;
/** A beat that comes later than this is noted. */
const LATE = 250;

const SOURCE = `let load;setInterval(postMessage,${BEAT},0);onmessage=e=>{clearInterval(load);if(e.data)load=setInterval(postMessage,e.data,1)}`;

export interface Pulse {
  /** When neither the worker nor the page ran. */
  readonly standstills: () => readonly Interval[];
  /** Runs the task every so many milliseconds from now on, 0 for never. A hidden page's own timers fire once a second. */
  readonly every: (interval: number) => void;
}

export function startPulse(task: () => void): Pulse {
  const standstills: Interval[] = [];
  const worker = new Worker(URL.createObjectURL(new Blob([SOURCE], { type: 'text/javascript' })));
  let last = Date.now();
  worker.addEventListener('message', ({ data }) => {
    if (data === 1) {
      task();
      return;
    }
    const now = Date.now();
    if (now - last > LATE) standstills.push([last + BEAT, now]);
    last = now;
  });
  return { standstills: () => standstills, every: (interval) => worker.postMessage(interval) };
}
