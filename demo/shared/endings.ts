/** What the login page says about how it came to this: one reason, one title, one thing to know. */
import type { EndReason, SessionState } from 'holdfast';

/** The words of a login page. */
export interface Ending {
  readonly title: string;
  readonly text: string;
}

/** `user` is who was signed in here before, where this page knows it. */
type Words = (user: string) => Ending;

const ENDINGS: Readonly<Record<EndReason, Words>> = {
  'signed-out': (user) => ({
    title: 'You are signed out',
    text: `The session of ${user} was ended, here or in another tab. This browser keeps nothing of it.`,
  }),
  replaced: (user) => ({
    title: 'Somebody else signed in',
    text: `This tab was open for ${user}. Another person has signed in in this browser since, so it stopped: nothing is shown or sent under the wrong name.`,
  }),
  rejected: (user) => ({
    title: 'The server ended your session',
    text: `It no longer accepts the session of ${user}. Please sign in again.`,
  }),
  expired: () => ({
    title: 'Your session has run its time',
    text: 'Every session has a last day, and this was it. Please sign in again.',
  }),
  interrupted: () => ({
    title: 'Your session was interrupted',
    text: 'An answer from the server was lost on its way, and it cannot be asked for twice. Please sign in again.',
  }),
  idle: () => ({ title: 'Signed out for lack of use', text: 'Nobody has used this app for a while.' }),
  'max-age': () => ({ title: 'Please sign in again', text: 'The session has reached the age that is allowed.' }),
};

/** How the session ended. Nothing where there was none. */
export function endingOf(state: SessionState, user: string | undefined): Ending | undefined {
  return state.status === 'ended' ? ENDINGS[state.reason](user ?? 'the last user') : undefined;
}
