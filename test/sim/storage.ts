/** The machine's storage: one record behind exclusive transactions, the seal, and a tombstone that reaches other pages late. */
import type { Change, Clock, Seal, Vault } from '../../src/core/ports.ts';
import type { SessionRecord } from '../../src/core/record.ts';
import { STORAGE_TIMEOUT } from '../../src/core/timing.ts';
import type { Faults } from './faults.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Told what the storage does. */
export interface StorageWatch {
  readonly sealed: (page: Page, text: string, context: string) => void;
  readonly written: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  readonly learnt: (page: Page, record: SessionRecord | undefined) => void;
  /** The page asked for something and was told that it failed. */
  readonly refused: (page: Page) => void;
  readonly buried: (page: Page, epoch: string) => void;
}

export interface Storage {
  readonly open: (page: Page, clock: Clock) => { readonly vault: Vault; readonly seal: Seal };
  readonly record: () => SessionRecord | undefined;
  /** When it was last written. */
  readonly writtenAt: () => number;
}

/** What a seal looks like in here. Only the simulation looks into it. */
export interface Sealed {
  readonly text: string;
  readonly context: string;
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && 'text' in value && 'context' in value;
}

/** One operation in the queue. */
interface Operation {
  readonly page: Page;
  readonly change: Change | undefined;
  readonly settle: (failure: Error | undefined, record: SessionRecord | undefined) => void;
  isAbandoned: boolean;
}

export interface StorageOptions {
  /** False: seals are empty, as with `storage: 'memory'`. */
  readonly keepsTokens: boolean;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly watch: StorageWatch;
  /** Whether localStorage can be written. */
  readonly hasTombstone: boolean;
}

export function createStorage({ faults, hasTombstone, keepsTokens, random, timeline, watch }: StorageOptions): Storage {
  const queue: Operation[] = [];
  const pages = new Map<Page, { tombstone: string | undefined }>();
  let record: SessionRecord | undefined;
  let tombstone: string | undefined;
  let writtenAt = 0;
  /** The operation whose transaction is open. */
  let current: Operation | undefined;

  const next = (): void => {
    current = queue.shift();
    const operation = current;
    if (operation === undefined) return;
    if (operation.page.isGone()) return next();
    const { change, page, settle } = operation;
    if (change === undefined) {
      const found = record;
      next();
      page.deliver(() => settle(undefined, found));
      return;
    }
    // A page that freezes here keeps its transaction open, and everybody waits.
    page.deliver(() => {
      const before = record;
      const after = operation.isAbandoned ? undefined : change(before);
      if (after === undefined) {
        finish(operation);
        return settle(undefined, before);
      }
      if (faults.strikes('storage failed')) {
        finish(operation);
        return settle(new Error('The simulated storage gave up.'), undefined);
      }
      if (!page.call() && random.isHit(0.5)) return finish(operation);
      timeline.after(delay(), () => {
        if (current !== operation) return; // Rolled back with its page.
        record = Object.freeze(after);
        writtenAt = timeline.now();
        watch.written(page, before, after);
        finish(operation);
        const failure = faults.strikes('storage lied')
          ? new Error('The simulated storage lost its answer.')
          : undefined;
        page.deliver(() => settle(failure, after));
      });
    });
  };
  const finish = (operation: Operation): void => {
    if (current === operation) timeline.after(0, () => current === operation && next());
  };
  const delay = (): number => (faults.strikes('storage slow') ? random.between(50, 4_900) : random.between(0.2, 2));

  function operate(page: Page, clock: Clock, change: Change | undefined): Promise<SessionRecord | undefined> {
    return new Promise((resolve, reject) => {
      if (!page.call()) return;
      const undo = clock.wake(clock.now() + STORAGE_TIMEOUT, () => {
        operation.isAbandoned = true;
        operation.settle(new Error('The simulated storage took too long.'), undefined);
      });
      let isSettled = false;
      const operation: Operation = {
        page,
        change,
        isAbandoned: false,
        settle: (failure, found) => {
          undo();
          if (isSettled) return;
          isSettled = true;
          if (failure === undefined) {
            watch.learnt(page, found);
            resolve(found);
          } else {
            watch.refused(page);
            reject(failure);
          }
        },
      };
      if (faults.strikes('storage hung')) return;
      if (change === undefined && faults.strikes('storage failed')) {
        timeline.after(delay(), () =>
          page.deliver(() => operation.settle(new Error('The simulated storage failed.'), undefined)),
        );
        return;
      }
      timeline.after(delay(), () => {
        queue.push(operation);
        if (current === undefined) next();
      });
    });
  }

  return {
    record: () => record,
    writtenAt: () => writtenAt,
    open: (page, clock) => {
      const known = { tombstone };
      let buried: string | undefined;
      pages.set(page, known);
      page.onGone(() => {
        pages.delete(page);
        // Its transaction is rolled back.
        const open = current;
        if (open?.page === page) timeline.after(random.between(1, 100), () => current === open && next());
      });
      return {
        vault: {
          read: () => operate(page, clock, undefined),
          update: (change) => operate(page, clock, change),
          bury: (epoch) => {
            if (page.isGone()) return;
            buried = epoch;
            watch.buried(page, epoch);
            if (!hasTombstone) return;
            tombstone = known.tombstone = epoch;
            // Each process has its copy of localStorage, and hears of changes.
            for (const [other, copy] of pages) {
              if (other === page) continue;
              timeline.after(random.between(0, 100), () => other.deliver(() => void (copy.tombstone = epoch)));
            }
          },
          isBuried: (epoch) => epoch === buried || epoch === known.tombstone,
        },
        seal: {
          seal: (text, context) =>
            new Promise((resolve) => {
              if (!page.call()) return;
              watch.sealed(page, text, context);
              const sealed: Sealed = Object.freeze({ text, context });
              timeline.after(random.between(0.1, 0.5), () =>
                page.deliver(() => resolve(keepsTokens ? sealed : undefined)),
              );
            }),
          open: (sealed, context) =>
            new Promise((resolve, reject) => {
              timeline.after(random.between(0.1, 0.5), () =>
                page.deliver(() => {
                  if (isSealed(sealed) && sealed.context === context) resolve(sealed.text);
                  else reject(new Error('The simulated seal was made for something else.'));
                }),
              );
            }),
        },
      };
    },
  };
}
