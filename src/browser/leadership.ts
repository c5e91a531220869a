/** Leadership: one tab rotates for all. It holds a Web Lock for as long as its page is awake. A hint, nothing more. */
import type { Undo } from '../core/types.ts';

export interface Leadership {
  readonly isLeader: () => boolean;
  /** Gives it up for good. */
  readonly resign: Undo;
}

/** Stands for the leadership of that name. */
export function lockLeadership(name: string): Leadership {
  /** `'unelected'`: there is nobody to elect one, because this page has no locks or is refused them. */
  let role: 'leader' | 'follower' | 'unelected' = 'follower';
  let candidacy: AbortController | undefined;

  const campaign = async (signal: AbortSignal): Promise<void> => {
    try {
      await navigator.locks.request(name, { signal }, () => {
        if (signal.aborted) return undefined;
        role = 'leader';
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
    } catch {
      // Called off by ourselves while in the queue.
      if (signal.aborted) return;
      if (role === 'leader') {
        // Stolen by some script, or broken by the browser when the site's data was cleared.
        role = 'follower';
        await campaign(signal);
      } else {
        // Plain http has no locks, a sandboxed frame is refused them.
        role = 'unelected';
      }
    }
  };

  const stand = (): void => {
    // The page's first pageshow comes when it stands already, and a return from the cache fires resume and pageshow.
    if (candidacy) return;
    candidacy = new AbortController();
    void campaign(candidacy.signal);
  };
  const stepDown = (): void => {
    role = 'follower';
    candidacy?.abort();
    candidacy = undefined;
  };

  // A page that is frozen or in the back/forward cache can neither rotate nor let go of a lock, and it would inherit one
  // from the queue. Chromium throws a page out of the cache when another asks for its lock: it is let go of before, in the
  // event. Firefox (153, measured) caches no page that holds or awaits a lock on leaving, whatever it does in the event.
  const controller = new AbortController();
  const options = { signal: controller.signal };
  addEventListener('pagehide', stepDown, options);
  addEventListener('pageshow', stand, options);
  document.addEventListener('freeze', stepDown, options);
  document.addEventListener('resume', stand, options);
  stand();

  return {
    // Usually one tab is seen, and if there are more the compare-and-set decides.
    isLeader: () => role === 'leader' || (role === 'unelected' && document.visibilityState === 'visible'),
    resign: () => {
      controller.abort();
      stepDown();
    },
  };
}
