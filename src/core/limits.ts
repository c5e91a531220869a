/** The ends of a session that come by themselves. For now one: the refresh token's own. */
import type { Core } from './core.ts';
import type { Outcomes } from './outcomes.ts';
import type { Undo } from './types.ts';

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
    const endsAt = held?.record.endsAt;
    if (held === undefined || endsAt === undefined) return;
    if (clock.now() < endsAt) disarm = clock.wake(endsAt, check);
    else void outcomes.endEverywhere(held, 'expired');
  };
  return { check, stop: () => disarm() };
}
