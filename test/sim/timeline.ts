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

/**
 * Resolves when nothing is left to run that waits only for promises: Node runs the next tick after the last
 * microtask. Sound as `setImmediate` is, and three times as fast.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
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
  return {
    now: () => now,
    at,
    after: (delay, task) => at(now + delay, task),
    run: async (until, isOver) => {
      await settle();
      while (!isOver()) {
        const next = heap[0];
        if (next === undefined || next.at > until) break;
        pop(heap);
        if (next.task === undefined) continue;
        now = next.at;
        steps += 1;
        if (steps > MOST_STEPS) throw new Error('The run goes round in circles.');
        next.task();
        await settle();
      }
      if (!isOver()) now = until;
    },
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
