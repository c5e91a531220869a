/** Tokens that storage refused when they came: they are put there as soon as it takes them. */
import type { Core } from './core.ts';
import type { Outcomes } from './outcomes.ts';
import { POLL } from './timing.ts';
import type { Undo } from './types.ts';

/** How soon it is tried again. */
const AGAIN = 1_000;
/** The pauses double up to this. */
const LONGEST_PAUSE = 2_000;

export interface Unstored {
  /** If there are any, tries again and again: until they are stored the other tabs are in doubt. */
  readonly check: () => void;
  /** The same while the lock is held: the other tabs can only see that the tokens are in doubt, and are kept from presenting them again. */
  readonly storeUnderLock: (lost: AbortSignal) => Promise<void>;
  readonly stop: Undo;
}

export function createUnstored({ ports: { clock }, view }: Core, outcomes: Outcomes): Unstored {
  let isTrying = false;
  let isStopped = false;
  const find = () => {
    const held = view.held();
    return held?.isStored === false && !isStopped ? held : undefined;
  };
  const store = async (first: number, lost?: AbortSignal): Promise<void> => {
    for (let pause = first; find() !== undefined && !lost?.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await new Promise<void>((resolve) => void clock.wake(clock.now() + pause, resolve));
      const held = find();
      if (held !== undefined) await outcomes.storeLate(held);
    }
  };
  return {
    check: () => {
      if (isTrying) return;
      isTrying = true;
      void store(AGAIN).then(() => {
        isTrying = false;
      });
    },
    storeUnderLock: (lost) => store(POLL, lost),
    stop: () => {
      isStopped = true;
    },
  };
}
