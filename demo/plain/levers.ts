/** The demo servers' levers, and a line of the journal for each time that one is pulled. */
import { comeUp, goDown, refuseAccessTokens } from '../shared/levers.ts';
import { record } from './journal.ts';

/** The authorization server answers 503 for so many seconds. */
export async function beginOutage(seconds: number): Promise<void> {
  await goDown(seconds);
  record({
    kind: 'server',
    status: 'down',
    tone: 'waiting',
    text: `The authorization server is down for ${seconds} s.`,
  });
}

/** The authorization server is back at once. */
export async function endOutage(): Promise<void> {
  await comeUp();
  record({ kind: 'server', status: 'up', tone: 'good', text: 'The authorization server is back.' });
}

/** The API refuses every access token issued until now. */
export async function expireAccessToken(): Promise<void> {
  await refuseAccessTokens();
  record({ kind: 'server', status: 'expired', tone: 'plain', text: 'The API refuses the access token from now on.' });
}
