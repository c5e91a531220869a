/** A lock over the tabs of one machine. */
import type { Lock } from '../core/ports.ts';

/** What keeps two tabs from rotating at a time. */
export interface FakeLock {
  /** Whether the pages have Web Locks, as they do over https. Without, the lease in the record decides. Default `true`. */
  isExclusive: boolean;
}

/** Held by one task at a time, while it is exclusive. */
export function fakeLock(): FakeLock & Lock {
  let holder: AbortController | undefined;
  const lock: FakeLock & Lock = {
    isExclusive: true,
    hold: async (task, { steal = false } = {}) => {
      await undefined;
      if (lock.isExclusive && holder !== undefined && !steal) return 'busy';
      if (lock.isExclusive) holder?.abort();
      const mine = new AbortController();
      holder = mine;
      await task(mine.signal).finally(() => {
        if (holder === mine) holder = undefined;
      });
      return 'held';
    },
  };
  return lock;
}
