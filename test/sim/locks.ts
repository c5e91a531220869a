/** The browser's lock manager for one name: granted or refused at once, stolen, and kept by a frozen holder. */
import type { Lock } from '../../src/core/ports.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface Locks {
  readonly open: (page: Page) => Lock;
  /** Whether the page holds the lock because it took it from another. */
  readonly isStolenBy: (page: Page) => boolean;
}

interface Hold {
  readonly page: Page;
  readonly lost: AbortController;
  readonly isStolen: boolean;
}

export interface LocksOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  /** The page takes the lock from another. */
  readonly stolen: (page: Page) => void;
  /** Without Web Locks everybody is let in. */
  readonly areThere: boolean;
}

export function createLocks({ areThere, random, stolen, timeline }: LocksOptions): Locks {
  let holder: Hold | undefined;
  const soon = (task: () => void) => timeline.after(random.between(0.1, 0.5), task);

  function request(page: Page, task: (lost: AbortSignal) => Promise<void>, isSteal: boolean): Promise<'held' | 'busy'> {
    return new Promise((resolve, reject) => {
      if (!page.call('lock')) return;
      soon(() => {
        if (page.isGone()) return;
        if (holder !== undefined && !isSteal) return page.settle('lock refused', () => resolve('busy'));
        const before = holder;
        if (before !== undefined) stolen(page);
        const mine: Hold = { page, lost: new AbortController(), isStolen: before !== undefined };
        holder = mine;
        if (before !== undefined) soon(() => before.page.deliver(() => before.lost.abort()));
        const release = () => soon(() => holder === mine && (holder = undefined));
        page.settle('lock granted', () => {
          if (mine.lost.signal.aborted) return resolve('busy');
          task(mine.lost.signal).then(
            () => {
              release();
              resolve('held');
            },
            (error: unknown) => {
              release();
              reject(error instanceof Error ? error : new Error(String(error)));
            },
          );
        });
      });
    });
  }

  return {
    isStolenBy: (page) => holder?.page === page && holder.isStolen,
    open: (page) => {
      // The browser finds out that a page is gone, and frees what it held.
      page.onGone(() => {
        const held = holder;
        if (held?.page === page) timeline.after(random.between(5, 150), () => holder === held && (holder = undefined));
      });
      return {
        isExclusive: areThere,
        hold: async (task, options) => {
          if (areThere) return request(page, task, options?.steal === true);
          await task(new AbortController().signal);
          return 'held';
        },
      };
    },
  };
}
