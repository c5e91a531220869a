/** The user's machine: its wall clock, which may jump, and its monotonic one, which stands still while it sleeps. */
import type { Timeline } from './timeline.ts';

/** The wall clock was set back. */
export interface SetBack {
  /** When, in true time, and by the monotonic clock. */
  readonly at: number;
  readonly awake: number;
  /** By how much it was ahead of the monotonic clock until then. */
  readonly lead: number;
}

export interface Machine {
  readonly wall: () => number;
  /** Milliseconds that the machine was awake. */
  readonly awake: () => number;
  readonly isAsleep: () => boolean;
  /** When the wall clock was last set back, in true time. */
  readonly setBackAt: () => number;
  readonly setBacks: () => readonly SetBack[];
  /** Moves the wall clock. */
  readonly jump: (by: number) => void;
  /** Sleeps for so many milliseconds of true time. Calls while asleep change nothing. */
  readonly sleep: (duration: number) => void;
  /** Runs the task when the machine has woken up: in its own turn, in the order of the calls. */
  readonly onceAwake: (task: () => void) => void;
  /** Calls the listener after each jump and each sleep: what counts by the wall clock is found out late. */
  readonly onShift: (listener: () => void) => void;
}

export function createMachine(timeline: Timeline, skew: number): Machine {
  const { after, now } = timeline;
  const start = now();
  const waiting: (() => void)[] = [];
  const listeners: (() => void)[] = [];
  let ahead = skew;
  let slept = 0;
  const setBacks: SetBack[] = [];
  let asleepSince: number | undefined;

  const wake = (): void => {
    slept += now() - (asleepSince ?? now());
    asleepSince = undefined;
    for (const task of waiting.splice(0)) after(0, task);
    for (const listener of listeners) listener();
  };
  const wall = (): number => Math.floor(now() + ahead);
  const awake = (): number => (asleepSince ?? now()) - start - slept;
  return {
    wall,
    awake,
    isAsleep: () => asleepSince !== undefined,
    setBackAt: () => setBacks.at(-1)?.at ?? 0,
    setBacks: () => setBacks,
    jump: (by) => {
      if (by < 0) setBacks.push({ at: now(), awake: awake(), lead: wall() - awake() });
      ahead += by;
      for (const listener of listeners) listener();
    },
    sleep: (duration) => {
      if (asleepSince !== undefined) return;
      asleepSince = now();
      after(duration, wake);
    },
    onceAwake: (task) => void waiting.push(task),
    onShift: (listener) => void listeners.push(listener),
  };
}
