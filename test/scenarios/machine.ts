/**
 * Shares the machine out: scenarios that mostly wait play at the same time, those that work do not crowd each other,
 * and where the machine is slow or others work on it too, fewer play at once.
 */
import type { Crowd } from './crowd.ts';

/** How often it looks whether there is room by now, in milliseconds. */
const LOOK = 250;

/** What shall be played. */
export interface Turn<Stage, Result> {
  readonly weight: number;
  /** Nothing takes as much of a machine: one at a time. */
  readonly set: () => Promise<Stage>;
  readonly play: (stage: Stage) => Promise<Result>;
}

/** Sets the stage as soon as there is room for the weight, and plays on it. */
export type Machine = <Stage, Result>(turn: Turn<Stage, Result>) => Promise<Result>;

/** What a machine can take. */
export interface Room {
  /** The weights that play at the same time. */
  readonly capacity: number;
  readonly crowd: Crowd;
  /** When it is more crowded than that, nothing is added. */
  readonly limit: number;
}

/** A machine with so much room. */
export function createMachine({ capacity, crowd, limit }: Room): Machine {
  const queue = new Set<{ readonly weight: number; readonly enter: () => void }>();
  let free = capacity;
  let isSetting = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const admit = (): void => {
    clearTimeout(timer);
    const isEmpty = free === capacity;
    const next = [...queue].find(({ weight }) => weight <= free);
    if (next !== undefined && !isSetting && (isEmpty || crowd.now() <= limit)) {
      queue.delete(next);
      free -= next.weight;
      isSetting = true;
      next.enter();
    }
    if (queue.size > 0) timer = setTimeout(admit, LOOK);
  };

  return async ({ weight, set, play }) => {
    await new Promise<void>((enter) => {
      queue.add({ weight, enter });
      admit();
    });
    try {
      const stage = await set().finally(() => (isSetting = false));
      return await play(stage);
    } finally {
      free += weight;
      admit();
    }
  };
}
