/** Joins the page to the session. */
import { showBanner } from './banner.ts';
import { call } from './calls.ts';
import { noteState } from './chronicle.ts';
import { followCounts } from './counts.ts';
import { onFrame } from './frames.ts';
import { beginOutage, endOutage, expireAccessToken } from './levers.ts';
import { drawLifeline } from './lifeline.ts';
import { isLive } from '../shared/live.ts';
import { createLogin } from '../shared/login.ts';
import { narrate } from './narrator.ts';
import { onPress, part, write } from '../shared/page.ts';
import { session } from './session.ts';
import { accessTokenLife } from '../shared/settings.ts';
import { drawTrace } from './trace.ts';
import { showState } from './views.ts';

const login = createLogin('/plain/');

function complain(error: unknown): void {
  const notice = part('sign-in-error');
  const reason = error instanceof Error ? error.message : 'The reason is not known.';
  write(notice, `The sign-in did not succeed. ${reason}`);
  notice.hidden = false;
}

function signIn(): void {
  login.leave().catch(complain);
}

function showMoment(now: number): void {
  const { state } = session;
  if (isLive(state)) {
    const { role, waiting } = session.inspect();
    write(
      part('role'),
      role === 'leader' ? 'This tab rotates for all tabs.' : 'Another tab rotates; this one follows.',
    );
    drawLifeline(state, now);
    if (state.status === 'stale') showBanner(state, waiting, now);
  }
  if (isLive(state) || state.status === 'ended') drawTrace(now);
}

function showAll(): void {
  const now = Date.now();
  showState(session.state);
  noteState(session.state, now);
  showMoment(now);
}

onPress('sign-in', signIn);
onPress('sign-in-again', signIn);
onPress('switch-user', signIn);
onPress('sign-out', () => void session.end());
onPress('call', () => void call('call', 1));
onPress('call-many', () => void call('call-many', 100));
onPress('expire', () => void expireAccessToken());
onPress('go-down', () => void beginOutage(30));
onPress('come-up', () => void endOutage());
// It rejects when the server is still down or was asked just now; the banner says so already.
onPress('try-now', () => void session.rotate().catch(() => undefined));

write(part('life'), `${accessTokenLife} seconds`);
narrate(session);
session.subscribe(showAll);
onFrame(showMoment);
followCounts();
showAll();

await login.finish(session).catch(complain);
