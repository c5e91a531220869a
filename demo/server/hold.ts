/** Token requests that wait at the server for as long as a test likes: it need not guess how long something takes. */

/** Before a request takes effect: nothing has been used. After: the refresh token is used, the answer not yet on its way. */
export type HoldMoment = 'before' | 'after';

/** Requests that are held. */
export interface Hold {
  /** How many have come so far. */
  readonly held: () => number;
  /** Lets them go on, and those that come later. Without it they never do. */
  readonly release: () => void;
}

/** The server's side of a hold. */
export interface HoldGate extends Hold {
  /** Takes one of the places, if any is left. */
  readonly take: () => boolean;
  /** Waits if this is the moment. */
  readonly pass: (moment: HoldMoment) => Promise<void>;
}

/** Makes a hold with so many places. */
export function createHold(heldAt: HoldMoment, places: number): HoldGate {
  let free = places;
  let held = 0;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    held: () => held,
    release: () => {
      free = 0;
      open();
    },
    take: () => {
      if (free === 0) return false;
      free -= 1;
      return true;
    },
    pass: async (moment) => {
      if (moment !== heldAt) return;
      held += 1;
      await opened;
    },
  };
}
