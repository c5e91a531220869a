/** A clock that stands still until it is told to move on. */
import type { Clock } from '../../src/core/ports.ts';

export interface StoppedClock extends Clock {
  readonly advance: (milliseconds: number) => void;
}

export function stoppedClock(): StoppedClock {
  const alarms = new Set<{ readonly at: number; readonly task: () => void }>();
  let now = 1_000_000;
  return {
    now: () => now,
    monotonic: () => now,
    wake: (at, task) => {
      const alarm = { at, task };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance: (milliseconds) => {
      now += milliseconds;
      for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.task();
    },
  };
}
