/** The browser's clock: one timer for all alarms, ticked by a worker where the page allows one. */
import type { Clock } from '../core/ports.ts';
import type { Undo } from '../core/types.ts';
import { report } from './report.ts';

/** A clock that is set ahead and a sleep that ends fire no event of their own: look at least this often. */
const LONGEST = 60_000;

/** Answers after as many milliseconds as it is told. Hidden pages' timers are throttled up to a minute, a worker's never. */
const TICKER = 'let timer;onmessage=e=>{clearTimeout(timer);timer=setTimeout(postMessage,e.data,0)}';

export interface BrowserClock extends Clock {
  /** `'worker'`, once the page has refused one: alarms then come late in hidden tabs. */
  readonly missing: () => readonly string[];
  /** Forgets all alarms and ends the worker. */
  readonly dispose: Undo;
}

interface Alarm {
  readonly at: number;
  /** The same instant by the monotonic clock, as things stood when the alarm was set. */
  readonly due: number;
  readonly task: () => void;
}

/** Makes the clock. `onReturn` says when the page comes back from where timers stand still. */
export function browserClock({ onReturn }: { readonly onReturn: (listener: () => void) => Undo }): BrowserClock {
  const alarms = new Set<Alarm>();
  let worker: Worker | 'refused' | undefined;
  let source = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer rings, by the monotonic clock. */
  let rings = Infinity;
  let isDisposed = false;

  // Whichever clock says less: the wall clock may be set back, the monotonic one may stand still during sleep.
  const remaining = (alarm: Alarm): number => Math.min(alarm.at - Date.now(), alarm.due - performance.now());

  const tick = (wait: number): void => {
    if (worker === 'refused') return;
    try {
      if (!worker) {
        source = URL.createObjectURL(new Blob([TICKER], { type: 'text/javascript' }));
        worker = new Worker(source);
        worker.onmessage = check;
        // A CSP whose worker-src lacks blob: answers with this event, not with an exception.
        worker.onerror = refuse;
      }
      worker.postMessage(wait);
    } catch {
      // No Worker at all, or Trusted Types.
      refuse();
    }
  };

  const stop = (): void => {
    if (typeof worker === 'object') worker.terminate();
    URL.revokeObjectURL(source);
  };
  const refuse = (): void => {
    stop();
    worker = 'refused';
  };

  const arm = (): void => {
    let wait = LONGEST;
    for (const alarm of alarms) {
      const left = remaining(alarm);
      // Rounded up: timers cut fractions off, and would ring just before the instant.
      if (left < wait) wait = Math.ceil(left);
    }
    rings = performance.now() + wait;
    // Always set as well: a worker can be refused late, or die without a word.
    clearTimeout(timer);
    timer = setTimeout(check, wait);
    tick(wait);
  };

  const check = (): void => {
    const due = [...alarms].filter((alarm) => remaining(alarm) <= 0).sort((one, other) => one.at - other.at);
    for (const alarm of due) {
      // Another task may have called this one off.
      if (!alarms.delete(alarm)) continue;
      try {
        alarm.task();
      } catch (error) {
        report(error);
      }
    }
    rings = Infinity;
    if (alarms.size > 0) arm();
  };

  const leave = onReturn(check);

  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    wake: (at, task) => {
      const due = performance.now() + at - Date.now();
      const alarm = { at, due, task };
      if (!isDisposed) {
        alarms.add(alarm);
        // Calling an alarm off leaves the timer as it is: a needless tick costs less than arming twice for each guard.
        if (Math.min(due, performance.now() + LONGEST) < rings) arm();
      }
      return () => void alarms.delete(alarm);
    },
    missing: () => (worker === 'refused' ? ['worker'] : []),
    dispose: () => {
      isDisposed = true;
      leave();
      alarms.clear();
      clearTimeout(timer);
      stop();
    },
  };
}
