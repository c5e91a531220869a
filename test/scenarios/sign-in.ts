/** Signs in as a browser would, by authorization code and PKCE, without one. */
import { createHash, randomBytes } from 'node:crypto';
import type { Demo } from '../../demo/server/demo.ts';

/** Signs in. Resolves with the token response, as it came. */
export async function signIn({ clientId, issuer, url }: Demo, name: string): Promise<unknown> {
  const redirectUri = `${url}callback`;
  const codeVerifier = randomBytes(32).toString('base64url');
  const question = new URL(`${issuer}/auth`);
  question.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid orders',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();

  const callback = await walk(question, redirectUri, name);
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: callback.searchParams.get('code') ?? '',
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
    }),
  });
  if (!answer.ok) throw new Error(`The sign-in was answered with ${answer.status}.`);
  return answer.json();
}

/** Follows the redirects to the app's address, and gives the name where the server asks for one. */
async function walk(from: URL, destination: string, name: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = from;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 10 && !url.href.startsWith(destination); steps += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: Array.from(cookies, (pair) => pair.join('=')).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (key !== undefined && value !== undefined) cookies.set(key, value);
    }
    const location = response.headers.get('Location');
    form = location === null ? new URLSearchParams({ name }) : undefined;
    if (location !== null) url = new URL(location, url);
  }
  return url;
}
