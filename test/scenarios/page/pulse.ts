/** The page's own witness of when the machine stood still: a worker that says "now", and the server's echo. */
import type { Interval } from './probe.ts';

const BEAT = 100;
const ECHO = 500;
/** A beat that comes later than this is noted, and an echo that takes longer. */
const LATE = 250;

const SOURCE = `let load;setInterval(postMessage,${BEAT},0);onmessage=e=>{clearInterval(load);if(e.data)load=setInterval(postMessage,e.data,1)}`;

export interface Pulse {
  /** When the worker, the page, or what lies between it and the server did not run. */
  readonly standstills: () => readonly Interval[];
  /** Runs the task every so many milliseconds from now on, 0 for never. A hidden page's own timers fire once a second. */
  readonly every: (interval: number) => void;
}

export function startPulse(task: () => void): Pulse {
  const standstills: Interval[] = [];
  const worker = new Worker(URL.createObjectURL(new Blob([SOURCE], { type: 'text/javascript' })));
  const note = (from: number, expected: number): void => {
    const now = Date.now();
    if (now - from > LATE) standstills.push([from + expected, now]);
  };
  let last = Date.now();
  let isEchoing = false;
  // Nothing of what is tested takes part in it.
  const listen = async (): Promise<void> => {
    if (isEchoing) return;
    isEchoing = true;
    const from = Date.now();
    await fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      () => note(from, 0),
      // The network is cut, or the page is about to go.
      () => undefined,
    );
    isEchoing = false;
  };
  setInterval(() => void listen(), ECHO);
  worker.addEventListener('message', ({ data }) => {
    if (data === 1) {
      task();
      return;
    }
    note(last, BEAT);
    last = Date.now();
  });
  return { standstills: () => standstills, every: (interval) => worker.postMessage(interval) };
}
