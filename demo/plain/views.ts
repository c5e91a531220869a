/** Shows the part of the page that belongs to the session's state. */
import type { EndReason, SessionState } from 'holdfast';
import { isLive } from '../shared/live.ts';
import { part, write } from '../shared/page.ts';

const ENDINGS: Readonly<Record<EndReason, readonly [title: string, text: string]>> = {
  'signed-out': [
    'Signed out',
    'Somebody signed out, here or in another tab. The tokens are wiped in every tab, and the server was told to revoke them.',
  ],
  rejected: [
    'The server ended this session',
    'It does not know the refresh token any more. Trying again would not help, so holdfast stopped.',
  ],
  idle: ['Signed out for lack of use', 'Nobody used the app for too long.'],
  'max-age': ['This session reached its age', 'The app allows no longer sessions than this.'],
  expired: ['This session reached its end', 'The refresh token has a last day, and this was it.'],
  interrupted: [
    'This session was interrupted',
    'An answer of the server was lost on the way, and its rules forbid to ask again.',
  ],
  replaced: [
    'Somebody else signed in',
    'Another tab of this browser now belongs to another user. Requests of this tab never go out under that name.',
  ],
};

const ANNOUNCEMENTS: Readonly<Record<SessionState['status'], string>> = {
  restoring: '',
  absent: 'Nobody is signed in.',
  active: 'Signed in. The access token is good.',
  stale: 'Server out of reach. Your requests wait.',
  ended: 'The session has ended.',
};

/** Shows the state. */
export function showState(state: SessionState): void {
  document.body.dataset['view'] = state.status;
  for (const element of document.querySelectorAll<HTMLElement>('[data-views]')) {
    element.hidden = !(element.dataset['views'] ?? '').split(' ').includes(state.status);
  }
  write(part('announcement'), ANNOUNCEMENTS[state.status]);
  write(part('state'), state.status);

  if (isLive(state)) {
    write(part('generation'), String(state.generation));
    write(part('user'), state.user ?? 'unknown');
  }
  if (state.status === 'ended') {
    const [title, text] = ENDINGS[state.reason];
    write(part('ended-title'), title);
    write(part('ended-text'), text);
    write(part('reason'), state.reason);
  }
}
