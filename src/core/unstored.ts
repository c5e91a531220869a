/** Tokens that storage refused when they came: they are put there as soon as it takes them. */
import type { Core } from './core.ts';
import type { Outcomes } from './outcomes.ts';
import { POLL } from './timing.ts';
import type { Undo } from './types.ts';

/** How soon it is tried again. */
const AGAIN = 1_000;
/** Under the lock the pauses double up to this. */
const LONGEST_PAUSE = 2_000;

export interface Unstored {
  /** If there are any, tries again after a while: until they are stored the other tabs are in doubt. */
  readonly check: () => void;
  /** The same while the lock is held: the other tabs can only see that the tokens are in doubt, and are kept from presenting them again. */
  readonly storeUnderLock: (lost: AbortSignal) => Promise<void>;
  readonly stop: Undo;
}

export function createUnstored({ ports: { clock }, view }: Core, outcomes: Outcomes): Unstored {
  let disarm: Undo | undefined;
  let isStopped = false;
  const find = () => {
    const held = view.held();
    return held === undefined || held.isStored || isStopped ? undefined : held;
  };
  const check = (): void => {
    if (find() === undefined || disarm !== undefined) return;
    disarm = clock.wake(clock.now() + AGAIN, () => {
      disarm = undefined;
      const held = find();
      if (held !== undefined) void outcomes.storeLate(held).then(check);
    });
  };
  return {
    check,
    storeUnderLock: async (lost) => {
      for (let pause = POLL; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        const held = find();
        if (held === undefined || lost.aborted) return;
        await new Promise<void>((resolve) => void clock.wake(clock.now() + pause, resolve));
        await outcomes.storeLate(held);
      }
    },
    stop: () => {
      isStopped = true;
      disarm?.();
    },
  };
}
