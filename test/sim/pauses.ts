/** The pauses of the storage: what waits until no transaction is open. */
import type { Timeline } from './timeline.ts';

export interface Pauses {
  /** Runs the task in the next pause; now, if this is one. */
  readonly once: (task: () => void) => void;
  /** A transaction has ended: there may be a pause. */
  readonly begin: () => void;
}

/** Whoever waits looks so often. */
const LOOK = 5;

export function createPauses({ at, now }: Timeline, isPause: () => boolean): Pauses {
  const waiting = new Set<() => void>();
  return {
    once: (task) => {
      if (isPause()) return task();
      let next = now();
      let isLooking = false;
      // Looks that would find a transaction open are left out: there were hundreds of them in a run.
      const look = (): void => {
        if (isLooking) return;
        isLooking = true;
        while (next < now()) next += LOOK;
        at(next, () => {
          isLooking = false;
          if (isPause() && waiting.delete(look)) task();
        });
      };
      waiting.add(look);
    },
    begin: () => {
      if (waiting.size > 0 && isPause()) for (const look of waiting) look();
    },
  };
}
