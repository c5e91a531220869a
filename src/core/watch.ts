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
  /** Whether the last look came so late that the tab may have slept over it: what it saw may be old. */
  readonly wasLate: () => boolean;
}

export function createWatch(clock: Clock): Watch {
  let watched: string | undefined;
  let stood = 0;
  let lookedAt = clock.monotonic();
  let passed = 0;
  return {
    pause: (time = POLL) => new Promise((resolve) => void clock.wake(clock.now() + time, resolve)),
    look: (id) => {
      const now = clock.monotonic();
      passed = now - lookedAt;
      lookedAt = now;
      stood = watched === id ? stood + Math.min(passed, LONGEST_LOOK) : 0;
      watched = id;
      return stood;
    },
    wasLate: () => passed > LONGEST_LOOK,
  };
}
