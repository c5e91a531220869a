/** Shares the machine out: scenarios that mostly wait play at the same time, and those that work do not crowd each other. */
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
