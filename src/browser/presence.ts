/** Presence: which tabs can answer. Each that listens shares a Web Lock with the others: who is alone there need not ask. */
import type { Undo } from '../core/types.ts';

export interface Presence {
  readonly enter: Undo;
  readonly leave: Undo;
  /** Whether it is certain that no other tab listens: nothing is, where there are no locks. Never rejects. */
  readonly isAlone: () => Promise<boolean>;
}

/** The presence under that name. */
export function lockPresence(name: string): Presence {
  let stay: AbortController | undefined;

  const share = async (signal: AbortSignal): Promise<void> => {
    let isShared = false;
    try {
      await navigator.locks.request(name, { mode: 'shared', signal }, () => {
        // Granted after all.
        if (signal.aborted) return undefined;
        isShared = true;
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
    } catch {
      if (signal.aborted) return;
      // Stolen by some script, or broken by the browser when the site's data was cleared. Else there are no locks here.
      if (isShared) await share(signal);
      else stay = undefined;
    }
  };

  return {
    enter: () => {
      if (stay) return;
      stay = new AbortController();
      void share(stay.signal);
    },
    leave: () => {
      stay?.abort();
      stay = undefined;
    },
    isAlone: async () => {
      try {
        const { held = [], pending = [] } = await navigator.locks.query();
        return stay !== undefined && [...held, ...pending].filter((lock) => lock.name === name).length === 1;
      } catch {
        return false;
      }
    },
  };
}
