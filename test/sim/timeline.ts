/** The one queue of everything that will happen, in the order of true time, and the loop that lets it happen. */
import type { Undo } from '../../src/core/types.ts';

/** More steps than any run takes: one that takes them goes round in circles. */
const MOST_STEPS = 1_000_000;

export interface Timeline {
  /** True time in epoch milliseconds: what the servers' clocks show. */
  readonly now: () => number;
  /** Lets the task run at that time, never before this call returns. */
  readonly at: (time: number, task: () => void) => Undo;
  readonly after: (delay: number, task: () => void) => Undo;
  /** Runs one task after the other until that time, or until told to stop, and lets each settle. */
  readonly run: (until: number, isOver: () => boolean) => Promise<void>;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  task: (() => void) | undefined;
}

const READY = Promise.resolve();

/**
 * Makes the function that calls the task when nothing is left to run that waits only for promises: Node runs the next
 * tick after the last microtask, and that task as a microtask again, so that the one after it waits for all that it
 * sets going.
 */
function onceSettled(task: () => void): () => void {
  const settle = (): void => void READY.then(task);
  return () => process.nextTick(settle);
}

export function createTimeline(start: number): Timeline {
  const heap: Entry[] = [];
  let now = start;
  let order = 0;
  let steps = 0;

  const at = (time: number, task: () => void): Undo => {
    order += 1;
    const entry: Entry = { at: Math.max(time, now), order, task };
    push(heap, entry);
    return () => {
      entry.task = undefined;
    };
  };
  /** Takes the next task off the queue, and its time has come. */
  const next = (until: number): (() => void) | undefined => {
    for (let entry = heap[0]; entry !== undefined && entry.at <= until; entry = heap[0]) {
      pop(heap);
      if (entry.task === undefined) continue;
      now = entry.at;
      steps += 1;
      if (steps > MOST_STEPS) throw new Error('The run goes round in circles.');
      return entry.task;
    }
    return undefined;
  };
  return {
    now: () => now,
    at,
    after: (delay, task) => at(now + delay, task),
    run: (until, isOver) =>
      new Promise((resolve, reject) => {
        const turn = (): void => {
          try {
            const task = isOver() ? undefined : next(until);
            if (task === undefined) {
              if (!isOver()) now = until;
              return resolve();
            }
            task();
            turnAgain();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const turnAgain = onceSettled(turn);
        turnAgain();
      }),
  };
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  for (;;) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(entry, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    let below = heap[child];
    const right = heap[child + 1];
    if (below !== undefined && right !== undefined && isBefore(right, below)) {
      child += 1;
      below = right;
    }
    if (below === undefined || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
