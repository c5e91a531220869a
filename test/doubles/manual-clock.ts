/** A clock that moves when told to: alarms ring in order, and whatever they set off is let settle in between. */
import type { Clock } from '../../src/core/ports.ts';

export interface ManualClock extends Clock {
  /** Moves both clocks on, ringing each alarm at its instant. */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Sets the wall clock, as a user or a time server does. */
  readonly set: (wall: number) => void;
  /** The machine sleeps: the wall clock goes on, the monotonic one stands still, alarms ring late. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** How many alarms are set. */
  readonly alarms: () => number;
}

interface Alarm {
  readonly at: number;
  readonly due: number;
  readonly task: () => void;
}

/** Lets everything run that waits for no clock. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

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
    advance: async (milliseconds) => {
      const until = monotonic + milliseconds;
      await ring(until);
      wall += until - monotonic;
      monotonic = until;
      await settle();
    },
    set: (to) => {
      wall = to;
    },
    sleep: async (milliseconds) => {
      await settle();
      wall += milliseconds;
      await ring(monotonic);
    },
    alarms: () => alarms.size,
  };
}
