/** Pulls the demo servers' levers. A real app has no such thing. */
import { record } from './journal.ts';

type Command =
  | { readonly name: 'go-down'; readonly seconds: number }
  | { readonly name: 'come-up' | 'refuse-access-tokens' };

async function send(command: Command): Promise<void> {
  await fetch('/control', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(command),
  });
}

/** The authorization server answers 503 for so many seconds. */
export async function goDown(seconds: number): Promise<void> {
  await send({ name: 'go-down', seconds });
  record({
    kind: 'server',
    status: 'down',
    tone: 'waiting',
    text: `The authorization server is down for ${seconds} s.`,
  });
}

/** The authorization server is back at once. */
export async function comeUp(): Promise<void> {
  await send({ name: 'come-up' });
  record({ kind: 'server', status: 'up', tone: 'good', text: 'The authorization server is back.' });
}

/** The API refuses every access token issued until now. */
export async function expireAccessToken(): Promise<void> {
  await send({ name: 'refuse-access-tokens' });
  record({ kind: 'server', status: 'expired', tone: 'plain', text: 'The API refuses the access token from now on.' });
}
