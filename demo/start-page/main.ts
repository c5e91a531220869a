/** The start page: says whose session there is in this browser, and pulls the servers' levers. */
import { createSession, type SessionState } from 'holdfast';
import { goDown, refuseAccessTokens } from '../shared/levers.ts';
import { isLive } from '../shared/live.ts';
import { onPress, part, write } from '../shared/page.ts';
import { sessionOptions } from '../shared/session-options.ts';
import { accessTokenLife } from '../shared/settings.ts';

const session = createSession(sessionOptions);

function describe(state: SessionState): string {
  if (isLive(state)) return `${state.user ?? 'Somebody'} is signed in.`;
  if (state.status === 'ended' && state.reason === 'replaced')
    return 'Somebody else has signed in since. Reload to see who.';
  return 'Nobody is signed in. Each app has its own way to the login.';
}

function show(): void {
  const { state } = session;
  write(part('who'), describe(state));
  part('sign-out').hidden = !isLive(state);
}

function pull(lever: Promise<void>, told: string): void {
  lever.then(
    () => write(part('lever-result'), told),
    () => write(part('lever-result'), 'The demo does not answer. Has it been stopped?'),
  );
}

write(part('life'), `${accessTokenLife} seconds`);
onPress('sign-out', () => void session.end());
onPress('go-down', () => pull(goDown(30), 'The sign-in server is out of reach for the next 30 seconds.'));
onPress('expire', () => pull(refuseAccessTokens(), 'The orders service refuses every access token from before now.'));
session.subscribe(show);
await session.ready;
show();
