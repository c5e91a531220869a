/** What it means for whoever works here that the network or the sign-in server cannot be reached. */
import { isLive } from './live.ts';
import { leeway } from './session-options.ts';
import type { SessionState } from 'holdfast';

/** The words of a banner. */
export interface Outage {
  readonly title: string;
  readonly text: string;
  /** When the next try is. Absent: nothing is tried. */
  readonly next?: string;
}

/** Nothing while all is well. `now`: epoch milliseconds. */
export function outageOf(state: SessionState, isOnline: boolean, now: number): Outage | undefined {
  if (!isLive(state)) return undefined;
  if (!isOnline) return { title: 'You are offline', text: 'You can read on. Changes go out when the network is back.' };
  if (state.status === 'active') return undefined;
  const { expiresAt, retryAt } = state;
  const isDead = expiresAt === undefined || expiresAt - leeway * 1000 <= now;
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return {
    title: 'The sign-in server does not answer',
    text: isDead
      ? 'You can read on. Changes wait, and go out when it is back.'
      : 'You can go on working. Nothing has to wait yet.',
    next: seconds === 0 ? 'Trying again now.' : `Next try in ${seconds} s.`,
  };
}
