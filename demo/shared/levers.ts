/** Pulls the demo servers' levers. A real app has no such thing. */

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
}

/** The authorization server is back at once. */
export async function comeUp(): Promise<void> {
  await send({ name: 'come-up' });
}

/** The API refuses every access token issued until now. */
export async function refuseAccessTokens(): Promise<void> {
  await send({ name: 'refuse-access-tokens' });
}
