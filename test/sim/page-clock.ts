/** A page's clock and alarms, as `browser/clock.ts` keeps them: by either clock, and looked at once a minute. */
import type { Clock } from '../../src/core/ports.ts';
import type { Undo } from '../../src/core/types.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** After so long at the latest, the browser's clock notices that the wall clock has moved. */
const LONGEST = 60_000;

export interface PageClock extends Clock {
  /** Rings whatever is due by now. */
  readonly check: () => void;
}

interface Alarm {
  readonly at: number;
  readonly due: number;
  readonly task: () => void;
  callOff: Undo;
}

export interface PageClockOptions {
  readonly timeline: Timeline;
  readonly machine: Machine;
  readonly page: Page;
  readonly random: Random;
}

export function createPageClock({ machine, page, random, timeline }: PageClockOptions): PageClock {
  // Each page has its own origin, as `performance.now` has.
  const origin = machine.awake() - random.between(0, 100);
  const alarms = new Set<Alarm>();
  const monotonic = () => machine.awake() - origin;

  const ring = (alarm: Alarm): void => {
    if (alarms.delete(alarm)) alarm.task();
  };
  /** Rounded up, as the browser's clock does it, because timers cut fractions off; and a little late, as timers are. */
  const wait = (alarm: Alarm, left: number): void => {
    alarm.callOff = timeline.after(Math.max(0, Math.ceil(left)) + random.between(0.01, 0.5), () => {
      // A sleep came between: the timer has still to run, and only `check` looks at the wall clock.
      if (machine.isAsleep()) machine.onceAwake(() => alarms.has(alarm) && wait(alarm, alarm.due - monotonic()));
      else if (alarm.due > monotonic()) wait(alarm, alarm.due - monotonic());
      else page.deliver(() => ring(alarm));
    });
  };
  const check = (): void => {
    for (const alarm of [...alarms].sort((one, other) => one.at - other.at)) {
      if (alarm.at <= machine.wall() || alarm.due <= monotonic()) page.deliver(() => ring(alarm));
    }
  };
  machine.onShift(() => timeline.after(random.between(0, LONGEST), check));
  page.onThaw(check);
  return {
    now: machine.wall,
    monotonic,
    wake: (at, task) => {
      if (page.isGone()) return () => undefined;
      const left = at - machine.wall();
      const alarm: Alarm = { at, due: monotonic() + left, task, callOff: () => undefined };
      alarms.add(alarm);
      wait(alarm, left);
      return () => {
        alarms.delete(alarm);
        alarm.callOff();
      };
    },
    check,
  };
}
