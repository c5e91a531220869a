/** Turns the library's structured records into lines of the journal, where they say more than its events do. */
import type { LogRecord } from 'holdfast';
import { record } from './journal.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'rotation.unknown': 'No usable answer from the token endpoint. Trying again later.',
  'rotation.held-back': 'The token endpoint asked to wait. Trying again later.',
  'rotation.misconfigured': 'The token endpoint refused the request itself.',
  'rotation.rejected': 'The token endpoint does not know the refresh token.',
};

/** The session's logger. */
export function report({ event, facts }: LogRecord): void {
  const text = SENTENCES[event];
  if (text === undefined) return;
  const status = facts['status'];
  record({
    kind: 'rotation',
    status: event.replace('rotation.', ''),
    tone: event === 'rotation.rejected' || event === 'rotation.misconfigured' ? 'bad' : 'waiting',
    text,
    ...(status === undefined ? {} : { result: String(status) }),
  });
}
