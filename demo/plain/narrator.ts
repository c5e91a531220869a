/** Tells the session's events to the journal, in sentences. */
import type { RotationCause, Session } from 'holdfast';
import { record } from './journal.ts';

const CAUSES: Readonly<Record<RotationCause, string>> = {
  timer: 'on schedule',
  request: 'because a request needed it',
  refusal: 'because the API refused the token',
  user: 'because it was asked to',
};

/** Writes a line for each event of the session. */
export function narrate(session: Session): void {
  session.on('started', ({ user }) => {
    record({ kind: 'session', status: 'started', tone: 'good', text: `${user ?? 'Somebody'} signed in.` });
  });
  session.on('rotated', ({ cause, generation, here, resent }) => {
    const who = here ? 'This tab rotated' : 'Another tab rotated';
    const text = `${who} ${CAUSES[cause]}${resent ? ', presenting the refresh token again' : ''}.`;
    record({ kind: 'rotation', status: 'rotated', tone: 'good', text, result: `generation ${generation}` });
  });
  session.on('stale', () => {
    record({
      kind: 'session',
      status: 'stale',
      tone: 'waiting',
      text: 'The server is out of reach, or the token is dead.',
    });
  });
  session.on('recovered', ({ generation }) => {
    const text = 'Good again. What waited is on its way.';
    record({ kind: 'session', status: 'recovered', tone: 'good', text, result: `generation ${generation}` });
  });
  session.on('ended', ({ reason }) => {
    const tone = reason === 'signed-out' ? 'plain' : 'bad';
    record({ kind: 'session', status: 'ended', tone, text: 'The session ended.', result: reason });
  });
}
