/** The gate: requests that wait for a rotation, first in, first out, bounded in number and time. */
import { QueueFullError, QueueTimeoutError } from './errors.ts';
import type { Clock } from './ports.ts';
import { momentOf, since, type Moment } from './timing.ts';
import type { Undo } from './types.ts';

/** As many waiting requests are let go in one task: at first, and at the most. */
const FIRST_SLICE = 32;
const LARGEST_SLICE = 256;
/** A task that takes longer, in milliseconds, is followed by a smaller one. */
const LONG_TASK = 16;
/** So many turns of the microtask queue, and whoever was let go is on the network. */
const STEPS = 16;

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Since when it has been waiting, all told. Default: now. */
  readonly from?: Moment | undefined;
  /** Waits at most this long, in milliseconds, then goes on all the same: its token is still good. */
  readonly patience?: number | undefined;
  /** Nothing but its turn is waited for, behind those that were let go before. */
  readonly isNext?: boolean;
}

export interface Gate {
  /**
   * Resolves when released. Rejects with the signal's reason, {@link QueueFullError}, {@link QueueTimeoutError},
   * or whatever {@link Gate.reject} is given.
   */
  readonly wait: (options: WaitOptions) => Promise<void>;
  /** Lets all go, or only those whose token is still good. */
  readonly release: (which: 'all' | 'patient') => void;
  /** Lets all go with this error; `isLast`: at once, because no turn will come any more. */
  readonly reject: (error: Error, isLast?: boolean) => void;
  /** How many wait. */
  readonly size: () => number;
  /** Whether some that were let go have not had their turn. */
  readonly isDraining: () => boolean;
  /** How many cannot go on without new tokens. */
  readonly needy: () => number;
  /** How many milliseconds the first of those will go on waiting. */
  readonly timeLeft: () => number | undefined;
}

interface Waiter {
  readonly isPatient: boolean;
  readonly since: Moment;
  readonly limit: number;
  readonly leave: (...failure: [error?: unknown]) => void;
}

export function createGate(clock: Clock, queue: { readonly limit: number; readonly timeout: number }): Gate {
  const waiters = new Set<Waiter>();
  /** Those that were let go and take their turn, or with what they fail. */
  const leaving = new Map<Waiter, readonly [] | readonly [Error]>();
  let slice = FIRST_SLICE;
  let isDraining = false;
  let needy = 0;
  let alarm: { readonly due: number; readonly undo: Undo } | undefined;

  return {
    wait: ({ from, isNext = false, patience, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const isPatient = patience !== undefined;
        if (waiters.size + leaving.size >= queue.limit) {
          if (isPatient) return resolve(); // It could go all along.
          return reject(new QueueFullError(queue.limit));
        }
        const onAbort = () => waiter.leave(signal?.reason);
        const now = momentOf(clock);
        const start = from ?? now;
        const waiter: Waiter = {
          isPatient,
          since: start,
          limit: Math.min(since(start, now) + (patience ?? queue.timeout), queue.timeout),
          leave: (...failure) => {
            if (!unlist(waiter) && !leaving.delete(waiter)) return;
            signal?.removeEventListener('abort', onAbort);
            if (failure.length > 0) reject(failure[0]);
            else resolve();
          },
        };
        // What is no signal is refused before it is in anybody's way.
        signal?.addEventListener('abort', onAbort);
        if (isNext && leaving.size > 0) return void leaving.set(waiter, []);
        waiters.add(waiter);
        if (!isPatient) needy += 1;
        arm(timeLeft(waiter));
      }),
    release: (which) => letGo(which === 'all' ? [...waiters] : [...waiters].filter(({ isPatient }) => isPatient), []),
    reject: (error, isLast) => {
      const all = [...leaving.keys(), ...waiters];
      if (isLast) for (const waiter of all) waiter.leave(error);
      else letGo(all, [error]);
    },
    size: () => waiters.size + leaving.size,
    isDraining: () => leaving.size > 0,
    needy: () => needy,
    timeLeft: () => {
      for (const waiter of waiters) if (!waiter.isPatient) return timeLeft(waiter);
      return undefined;
    },
  };

  function letGo(those: readonly Waiter[], failure: readonly [] | readonly [Error]): void {
    for (const waiter of those) {
      unlist(waiter);
      leaving.set(waiter, failure);
    }
    if (!isDraining) void drain();
  }

  function unlist(waiter: Waiter): boolean {
    const isListed = waiters.delete(waiter);
    if (isListed && !waiter.isPatient) needy -= 1;
    return isListed;
  }

  function timeLeft(waiter: Waiter): number {
    return waiter.limit - since(waiter.since, momentOf(clock));
  }

  /** Ten thousand at once would block the page: what each does then is part of the same task. */
  async function drain(): Promise<void> {
    const begun = clock.monotonic();
    let left = slice;
    for (const [waiter, failure] of leaving) {
      if (left === 0) break;
      waiter.leave(...failure);
      left -= 1;
    }
    isDraining = leaving.size > 0;
    if (!isDraining) return;
    // Each has had its say by then. When the next turn comes tells nothing: timers may be throttled, and tasks of others long.
    for (let step = 0; step < STEPS; step += 1) await undefined;
    const isLong = clock.monotonic() - begun > LONG_TASK;
    slice = isLong ? Math.max(1, slice / 2) : Math.min(slice * 2, LARGEST_SLICE);
    clock.wake(clock.now(), () => void drain());
  }

  /** Compared by the clock that is never set back. */
  function arm(left: number): void {
    const due = clock.monotonic() + left;
    if (alarm !== undefined && alarm.due <= due) return;
    alarm?.undo();
    alarm = { due, undo: clock.wake(clock.now() + left, sweep) };
  }

  function sweep(): void {
    alarm = undefined;
    for (const waiter of [...leaving.keys(), ...waiters]) {
      const left = timeLeft(waiter);
      if (left > 0) arm(left);
      else if (waiter.isPatient) waiter.leave();
      else waiter.leave(new QueueTimeoutError(queue.timeout / 1_000));
    }
  }
}
