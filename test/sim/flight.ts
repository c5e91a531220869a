/** One request on its way: whether it gets there, what comes back, and in which page that is heard. */
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';

export interface Flight {
  readonly page: Page;
  readonly isKept: boolean;
  readonly settle: (answer: Response | undefined) => void;
  /** Nobody waits for the answer any more. */
  readonly isOver: () => boolean;
}

export interface Flights {
  /** The promise that the page gets, settled in the page: with an answer, with a network error, or by the page's own signal. */
  readonly travel: (
    page: Page,
    init: RequestInit | undefined,
    place: 'answer' | 'answer of the API',
    begin: (flight: Flight) => void,
    onEnd?: (answer: Response | undefined) => void,
  ) => Promise<Response>;
  readonly arrives: (flight: Flight) => boolean;
  /** A connection seldom survives its machine's sleep; one that did has its answer ready. */
  readonly returns: (flight: Flight, answer: () => Response | undefined) => void;
  /** Cookies land also where the page is gone, if the request was to be kept; of one that was aborted they do not. */
  readonly lands: (flight: Flight) => boolean;
}

export interface FlightsOptions {
  readonly machine: Machine;
  readonly random: Random;
  readonly isOnline: () => boolean;
}

export function createFlights({ isOnline, machine, random }: FlightsOptions): Flights {
  return {
    travel: (page, init, place, begin, onEnd) =>
      new Promise((resolve, reject) => {
        const { signal } = init ?? {};
        let isOver = false;
        const end = (answer: Response | undefined): boolean => {
          if (isOver) return false;
          isOver = true;
          onEnd?.(answer);
          return true;
        };
        if (signal?.aborted) return reject(signal.reason);
        signal?.addEventListener('abort', () => end(undefined) && reject(signal.reason));
        begin({
          page,
          isKept: init?.keepalive === true,
          isOver: () => isOver,
          settle: (answer) =>
            page.settle(place, () => {
              if (!end(answer)) return;
              if (answer === undefined) reject(new TypeError('The simulated network failed.'));
              else resolve(answer);
            }),
        });
      }),
    arrives: ({ isKept, isOver, page }) => {
      if (!isOnline() || machine.isAsleep()) return false;
      return (!isOver() && !page.isGone()) || isKept || random.isHit(0.5);
    },
    returns: (flight, answer) => {
      if (isOnline() && !(machine.isAsleep() && random.isHit(0.5))) flight.settle(answer());
      else flight.settle(undefined);
    },
    lands: ({ isKept, isOver, page }) => !isOver() && (isKept || !page.isGone()),
  };
}
