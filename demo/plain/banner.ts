/** Says what a stale session means for the user: who waits, and until when. */
import type { SessionState } from 'holdfast';
import { part, write } from '../shared/page.ts';
import { leeway } from '../shared/session-options.ts';

type Stale = Extract<SessionState, { readonly status: 'stale' }>;

/** Shows the banner's words as they are at this moment. `waiting`: requests of this tab that wait. */
export function showBanner({ expiresAt, retryAt }: Stale, waiting: number, now: number): void {
  const isDead = expiresAt === undefined || expiresAt - leeway * 1000 <= now;
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  const next = seconds === 0 ? 'trying again now' : `trying again in ${seconds} s`;
  const consequence = isDead ? 'your requests wait' : 'the token is still good';
  write(part('banner-text'), `Server out of reach, ${next}; ${consequence}.`);
  write(part('waiting'), waiting === 0 ? '' : `${waiting} ${waiting === 1 ? 'request waits' : 'requests wait'} here.`);
}
