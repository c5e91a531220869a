/** The machine's storage: one record behind exclusive transactions, and a tombstone that reaches other pages late. */
import type { Change, Clock, Seal, Vault } from '../../src/core/ports.ts';
import { readRecord, type SessionRecord } from '../../src/core/record.ts';
import { STORAGE_TIMEOUT } from '../../src/core/timing.ts';
import type { Faults } from './faults.ts';
import type { Page } from './page.ts';
import { createPauses } from './pauses.ts';
import type { Random } from './random.ts';
import { createSeal } from './seal.ts';
import type { Timeline } from './timeline.ts';
import { createTombstones } from './tombstone.ts';

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
  /** No transaction begins for so long. */
  readonly block: (duration: number) => void;
  /** Nothing can be written for so long. */
  readonly fill: (duration: number) => void;
  /** Something that is not ours writes the record, or deletes it, as soon as no transaction is open. */
  readonly meddle: (change: Change | 'delete', done?: () => void) => void;
  /** The last write, although acknowledged, never reached the disk. */
  readonly forget: () => Write | undefined;
}

export interface Write {
  readonly page: Page;
  readonly at: number;
  readonly before: SessionRecord | undefined;
  readonly after: SessionRecord;
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

/** What lies on the disk may still be in the drive's own memory for so long. */
const UNSAFE = 5_000;

export function createStorage(options: StorageOptions): Storage {
  const { faults, hasTombstone, keepsTokens, random, timeline, watch } = options;
  const queue: Operation[] = [];
  const tombstones = createTombstones({ timeline, random, isThere: hasTombstone, buried: watch.buried });
  let record: SessionRecord | undefined;
  let last: Write | undefined;
  let writtenAt = 0;
  let blockedUntil = 0;
  let fullUntil = 0;
  /** The operation whose transaction is open. */
  let current: Operation | undefined;
  const pauses = createPauses(timeline, () => current === undefined);

  const next = (): void => {
    if (current !== undefined || timeline.now() < blockedUntil) return;
    current = queue.shift();
    const operation = current;
    if (operation === undefined) return;
    if (operation.page.isGone()) return end(operation);
    const { change, page, settle } = operation;
    if (change === undefined) {
      const found = record;
      end(operation);
      return page.settle('read', () => answer(operation, found));
    }
    // A page that freezes here keeps its transaction open, and everybody waits.
    page.settle('transaction', () => {
      const before = record;
      // As every vault does it, inside the transaction.
      const isForeign = isUnreadable(before);
      const after = operation.isAbandoned || isForeign ? undefined : change(readRecord(before));
      if (after === undefined) {
        finish(operation);
        return answer(operation, before);
      }
      if (timeline.now() < fullUntil || faults.strikes('storage failed')) {
        finish(operation);
        return settle(new Error('The simulated storage gave up.'), undefined);
      }
      if (!page.call('write') && random.isHit(0.5)) return finish(operation);
      timeline.after(delay(), () => {
        if (current !== operation) return; // Rolled back with its page.
        record = Object.freeze(after);
        writtenAt = timeline.now();
        last = { page, at: writtenAt, before, after };
        watch.written(page, before, after);
        finish(operation);
        const failure = faults.strikes('storage lied')
          ? new Error('The simulated storage lost its answer.')
          : undefined;
        page.settle('written', () => settle(failure, after));
      });
    });
  };
  const end = (operation: Operation): void => {
    if (current !== operation) return;
    current = undefined;
    next();
    pauses.begin();
  };
  const finish = (operation: Operation): void => {
    if (current === operation) timeline.after(0, () => end(operation));
  };
  const delay = (): number => (faults.strikes('storage slow') ? random.between(50, 4_900) : random.between(0.2, 2));

  function answer({ settle }: Operation, found: SessionRecord | undefined): void {
    try {
      settle(undefined, readRecord(found));
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  }

  function operate(page: Page, clock: Clock, change: Change | undefined): Promise<SessionRecord | undefined> {
    return new Promise((resolve, reject) => {
      if (!page.call(change === undefined ? 'reading' : 'writing')) return;
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
        const failure = new Error('The simulated storage failed.');
        timeline.after(delay(), () => page.settle('read', () => operation.settle(failure, undefined)));
        return;
      }
      timeline.after(delay(), () => {
        queue.push(operation);
        next();
      });
    });
  }

  return {
    record: () => record,
    writtenAt: () => writtenAt,
    block: (duration) => {
      blockedUntil = Math.max(blockedUntil, timeline.now() + duration);
      timeline.at(blockedUntil, next);
    },
    fill: (duration) => {
      fullUntil = timeline.now() + duration;
    },
    meddle: (change, done) =>
      pauses.once(() => {
        const after = change === 'delete' ? undefined : change(record);
        if (after === undefined && change !== 'delete') return;
        record = after && Object.freeze(after);
        last = undefined;
        writtenAt = timeline.now();
        done?.();
      }),
    forget: () => {
      const lost = last;
      last = undefined;
      // What ends a session waits for the disk.
      if (lost === undefined || lost.after !== record || lost.after.ended !== undefined) return undefined;
      if (timeline.now() - lost.at > UNSAFE) return undefined;
      record = lost.before;
      return lost;
    },
    open: (page, clock) => {
      page.onGone(() => {
        // Its transaction is rolled back.
        const open = current;
        if (open?.page === page) timeline.after(random.between(1, 100), () => end(open));
      });
      return {
        vault: {
          read: () => operate(page, clock, undefined),
          update: (change) => operate(page, clock, change),
          ...tombstones.open(page),
        },
        seal: createSeal({ page, timeline, random, keepsTokens, sealed: watch.sealed }),
      };
    },
  };
}

/** The layout of a version that is still to come. */
export const NEWER_SCHEMA = 1_000;

/** Whether the core refuses to read it. */
function isUnreadable(record: SessionRecord | undefined): boolean {
  try {
    readRecord(record);
    return false;
  } catch {
    return true;
  }
}

export function isNewer(record: SessionRecord | undefined): boolean {
  return record?.schema === NEWER_SCHEMA;
}
