/** The ends of a session that come by themselves. For now one: the refresh token's own. */
import type { Core } from './core.ts';
import type { Outcomes } from './outcomes.ts';
import { momentOf } from './timing.ts';
import type { Undo } from './types.ts';
import { timeUntil } from './held.ts';

export interface Limits {
  /** Ends the session if its time is up, else sets the alarm for it. */
  readonly check: () => void;
  readonly stop: Undo;
}

export function createLimits({ ports: { clock }, view }: Core, outcomes: Outcomes): Limits {
  let disarm: Undo = () => undefined;
  const check = () => {
    disarm();
    const held = view.held();
    if (held?.record.endsAt === undefined) return;
    const left = timeUntil(held.record.endsAt - held.record.sentAt, held, momentOf(clock));
    if (left > 0) disarm = clock.wake(clock.now() + left, check);
    else void outcomes.endEverywhere(held, 'expired');
  };
  return { check, stop: () => disarm() };
}
