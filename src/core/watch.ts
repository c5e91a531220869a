/** Watching another tab's attempt: how long it has stood unchanged, by our own clock, a sleep not counted. */
import type { Clock } from './ports.ts';
import { POLL } from './timing.ts';

/** A look counts for no more than this: what lies between two late ones may have been a sleep. */
const LONGEST_LOOK = 1_000;

export interface Watch {
  /** Resolves when it is time to look again. */
  readonly pause: (time?: number) => Promise<void>;
  /** How many milliseconds the attempt has stood. Another id begins anew. */
  readonly look: (id: string | undefined) => number;
}

export function createWatch(clock: Clock): Watch {
  let watched: string | undefined;
  let stood = 0;
  let lookedAt = clock.monotonic();
  return {
    pause: (time = POLL) => new Promise((resolve) => void clock.wake(clock.now() + time, resolve)),
    look: (id) => {
      const now = clock.monotonic();
      const passed = Math.min(now - lookedAt, LONGEST_LOOK);
      lookedAt = now;
      stood = watched === id ? stood + passed : 0;
      watched = id;
      return stood;
    },
  };
}
