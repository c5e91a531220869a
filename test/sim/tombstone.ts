/** The tombstones of signed-out epochs in localStorage: each process has its copy, and hears of changes late. */
import type { Vault } from '../../src/core/ports.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface TombstonesOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  /** Whether localStorage can be written. */
  readonly isThere: boolean;
  readonly buried: (page: Page, epoch: string) => void;
}

export interface Tombstones {
  readonly open: (page: Page) => Pick<Vault, 'bury' | 'isBuried'>;
}

/** As `browser/vault.ts` keeps them. */
const MOST = 4;

export function createTombstones({ buried: told, isThere, random, timeline }: TombstonesOptions): Tombstones {
  const copies = new Map<Page, { epochs: readonly string[] }>();
  let stored: readonly string[] = [];
  return {
    open: (page) => {
      const own = { epochs: stored };
      const buried = new Set<string>();
      const isBuried = (epoch: string): boolean => buried.has(epoch) || own.epochs.includes(epoch);
      copies.set(page, own);
      page.onGone(() => copies.delete(page));
      return {
        bury: (epoch) => {
          if (!page.call('burial')) return;
          const isKnown = isBuried(epoch);
          buried.add(epoch);
          told(page, epoch);
          if (!isThere || isKnown) return;
          stored = own.epochs = [epoch, ...own.epochs].slice(0, MOST);
          const written = stored;
          for (const [other, copy] of copies) {
            if (other === page) continue;
            timeline.after(random.between(0, 100), () => other.deliver(() => void (copy.epochs = written)));
          }
        },
        isBuried,
      };
    },
  };
}
