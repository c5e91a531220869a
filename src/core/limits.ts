/** The ends of a session that come by themselves. For now one: the refresh token's own. */
import type { Core } from './core.ts';
import { timeUntilEnd, timeUntilSureEnd } from './held.ts';
import type { Outcomes } from './outcomes.ts';
import { momentOf } from './timing.ts';
import type { Undo } from './types.ts';

export interface Limits {
  /** Ends the session if its time is up, else sets the alarm for it. */
  readonly check: () => void;
  readonly stop: Undo;
}

/**
 * Only what has surely ended is ended here. Where the wall clock alone says so, it may have been set ahead: the
 * schedule has the server asked, and its refusal then is the end. Without a refresh token there is nothing to ask with.
 */
export function createLimits({ ports: { clock }, view }: Core, outcomes: Outcomes): Limits {
  let disarm: Undo = () => undefined;
  const check = () => {
    disarm();
    const held = view.held();
    const left = held && (held.tokens.isFinal ? timeUntilEnd : timeUntilSureEnd)(held, momentOf(clock));
    if (held === undefined || left === undefined) return;
    if (left > 0) disarm = clock.wake(clock.now() + left, check);
    else void outcomes.endEverywhere(held, 'expired');
  };
  return { check, stop: () => disarm() };
}
