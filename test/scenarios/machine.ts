/** Shares the machine out: scenarios that mostly wait play at the same time, and those that work do not crowd each other. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Longest time in milliseconds that this process may have been kept from working: the leeway of the shortest tokens bears no more. */
const PATIENCE = 300;

/**
 * Runs the task, and again if it failed while the machine did nothing for us: what tokens of seconds then show is the
 * machine's doing. It fails for good where the machine was not to blame, or is overloaded for ever.
 */
export async function unlessStarved<Result>(
  task: () => Promise<Result>,
  onStarved: (milliseconds: number) => void,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    try {
      return await task();
    } catch (error) {
      const longest = Math.round(delays.max / 1e6);
      if (tries === 3 || longest < PATIENCE) throw error;
      onStarved(longest);
    } finally {
      delays.disable();
    }
  }
}

/** Runs the task as soon as there is room for its weight. */
export type Machine = <Result>(weight: number, task: () => Promise<Result>) => Promise<Result>;

/** A machine of that capacity. */
export function createMachine(capacity: number): Machine {
  const queue = new Set<{ readonly weight: number; readonly enter: () => void }>();
  let free = capacity;

  const admit = (): void => {
    for (const next of queue) {
      if (next.weight > free) continue;
      queue.delete(next);
      free -= next.weight;
      next.enter();
    }
  };

  return async (weight, task) => {
    await new Promise<void>((enter) => {
      queue.add({ weight, enter });
      admit();
    });
    try {
      return await task();
    } finally {
      free += weight;
      admit();
    }
  };
}
