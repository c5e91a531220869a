/** A clock that moves when told to: alarms ring in order, and whatever they set off is let settle in between. */
import type { Clock } from '../core/ports.ts';
import { settle } from './settle.ts';

/** A clock that stands until it is moved. Its instants are epoch milliseconds, the durations that move it are seconds. */
export interface ManualClock extends Clock {
  /** Time passes: moves both clocks on by so many seconds, ringing each alarm at its instant. */
  readonly advance: (seconds: number) => Promise<void>;
  /** The machine sleeps for so many seconds: the wall clock goes on, the monotonic one stands still, alarms ring late. */
  readonly sleep: (seconds: number) => Promise<void>;
  /** Sets the wall clock, as a user or a time server does. Epoch milliseconds. */
  readonly set: (wall: number) => void;
  /** How many alarms are set. */
  readonly alarms: () => number;
}

interface Alarm {
  readonly at: number;
  readonly due: number;
  readonly task: () => void;
}

/**
 * A clock that moves when told to.
 *
 * @param start Epoch milliseconds. Default: the beginning of 2026.
 * @example
 * const clock = manualClock();
 * const server = fakeServer({ clock, life: 300 });
 * await clock.advance(300); // what it has issued so far is dead now
 */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let wall = start;
  let monotonic = 0;
  const alarms = new Set<Alarm>();
  const left = (alarm: Alarm) => Math.min(alarm.at - wall, alarm.due - monotonic);

  async function ring(until: number): Promise<void> {
    for (;;) {
      await settle();
      const next = [...alarms].sort((one, other) => left(one) - left(other))[0];
      if (next === undefined || left(next) > until - monotonic) return;
      const step = Math.max(0, left(next));
      wall += step;
      monotonic += step;
      alarms.delete(next);
      next.task();
    }
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    wake: (at, task) => {
      const alarm = { at, due: monotonic + (at - wall), task };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance: async (seconds) => {
      const until = monotonic + millisecondsOf(seconds);
      await ring(until);
      wall += until - monotonic;
      monotonic = until;
      await settle();
    },
    sleep: async (seconds) => {
      await settle();
      wall += millisecondsOf(seconds);
      await ring(monotonic);
    },
    set: (to) => {
      wall = to;
    },
    alarms: () => alarms.size,
  };
}

/** Whole ones: a fraction of a second is none in floating point. */
function millisecondsOf(seconds: number): number {
  return Math.round(seconds * 1_000);
}
