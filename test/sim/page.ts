/** The life of one page: it runs, it is frozen, it is gone; and its event loop, which all that reaches it goes through. */
import type { Faults } from './faults.ts';
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Where the protocol waits, or has just waited: there a page may crash or freeze. */
export const PLACES = [
  'reading',
  'read',
  'writing',
  'transaction',
  'write',
  'written',
  'lock',
  'lock refused',
  'lock granted',
  'seal',
  'sealed',
  'open',
  'opened',
  'request',
  'answer',
  'answer of the API',
  'announcement',
  'question',
  'reply',
  'burial',
] as const;

export type Place = (typeof PLACES)[number];

export interface Page {
  readonly id: number;
  readonly isGone: () => boolean;
  readonly isFrozen: () => boolean;
  /** When it could run again, in true time; 0 when it was never frozen. */
  readonly thawedAt: () => number;
  /** Milliseconds in which it could run. */
  readonly active: () => number;
  /** Runs the task in the page: later, while it is frozen or the machine sleeps; never, once it is gone. */
  readonly deliver: (task: () => void) => void;
  /** Runs what a message sets going: in some frozen pages at once, since they still answer messages. */
  readonly hear: (task: () => void) => void;
  /** Goes on after an await: before that it may crash or freeze. */
  readonly settle: (place: Place, task: () => void) => void;
  /**
   * The page calls the platform in the course of a rotation: here it may crash or freeze.
   * @returns false once the page is gone: then the call must do nothing and never settle.
   */
  readonly call: (place: Place) => boolean;
  /** Its timers stand still, and it may still answer messages. */
  readonly freeze: (duration: number) => void;
  /** Its main thread is busy: nothing else runs. */
  readonly block: (duration: number) => void;
  readonly thaw: () => void;
  /** Nothing of it runs any more. */
  readonly destroy: () => void;
  readonly onGone: (listener: () => void) => void;
  readonly onThaw: (listener: () => void) => void;
}

export interface PageOptions {
  readonly id: number;
  readonly timeline: Timeline;
  readonly machine: Machine;
  readonly faults: Faults;
  readonly random: Random;
  readonly trace: (page: number, what: string) => void;
}

export function createPage({ faults, id, machine, random, timeline, trace }: PageOptions): Page {
  const backlog: (() => void)[] = [];
  const gone: (() => void)[] = [];
  const thawed: (() => void)[] = [];
  let isGone = false;
  let frozenAt: number | undefined;
  let frozen = 0;
  let thawedAt = 0;
  let life = 0;
  let isHearing = false;

  const deliver = (task: () => void): void => {
    if (isGone) return;
    if (frozenAt !== undefined) backlog.push(task);
    else if (machine.isAsleep()) machine.onceAwake(() => deliver(task));
    else task();
  };
  const destroy = (): void => {
    if (isGone) return;
    isGone = true;
    for (const listener of gone) listener();
  };
  const thaw = (): void => {
    if (isGone || frozenAt === undefined) return;
    frozen += machine.awake() - frozenAt;
    frozenAt = undefined;
    thawedAt = timeline.now();
    trace(id, 'thaws');
    for (const listener of thawed) listener();
    for (const task of backlog.splice(0)) timeline.after(0, () => deliver(task));
  };
  const stop = (what: string, duration: number, mayHear: boolean): void => {
    if (isGone || frozenAt !== undefined) return;
    trace(id, what);
    isHearing = mayHear;
    frozenAt = machine.awake();
    life += 1;
    const spell = life;
    timeline.after(duration, () => spell === life && thaw());
  };
  const freeze = (duration: number): void => stop('freezes', duration, random.isHit(0.5));
  /** Whether the page is still there, after a chance to crash or to freeze. */
  const survive = (place: Place): boolean => {
    if (isGone) return false;
    if (faults.strikes('crash', place)) {
      trace(id, `crashes at ${place}`);
      destroy();
    } else if (faults.strikes('freeze', place)) {
      timeline.after(0, () => freeze(faults.freezeTime()));
    }
    return !isGone;
  };
  return {
    id,
    isGone: () => isGone,
    isFrozen: () => frozenAt !== undefined,
    thawedAt: () => thawedAt,
    active: () => (frozenAt ?? machine.awake()) - frozen,
    deliver,
    hear: (task) => {
      if (frozenAt === undefined || !isHearing || machine.isAsleep()) deliver(task);
      else if (!isGone) task();
    },
    settle: (place, task) =>
      deliver(() => {
        if (isGone) return;
        if (faults.strikes('crash', place)) {
          trace(id, `crashes at ${place}`);
          return destroy();
        }
        if (faults.strikes('freeze', place)) freeze(faults.freezeTime());
        deliver(task);
      }),
    call: survive,
    freeze,
    block: (duration) => stop('is blocked', duration, false),
    thaw,
    destroy,
    onGone: (listener) => void gone.push(listener),
    onThaw: (listener) => void thawed.push(listener),
  };
}
