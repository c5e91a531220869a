/** Supabase Auth as a token server of the app's own: the four things that a session has to know, and a sign-out. */
import type { TokenServer, Tokens } from 'holdfast';

/** `url` is the project's, `key` its publishable key. */
export function supabase({ url, key }: { readonly url: string; readonly key: string }): TokenServer {
  const refreshUrl = `${url}/auth/v1/token?grant_type=refresh_token`;
  const logoutUrl = `${url}/auth/v1/logout?scope=local`;
  const headers = { apikey: key, 'content-type': 'application/json' };
  const bearer = ({ accessToken }: Tokens) => ({ apikey: key, authorization: `Bearer ${accessToken}` });

  const readTokens = (response: unknown): Tokens => {
    const { access_token: accessToken, expires_in: seconds, refresh_token: refreshToken } = Object(response);
    if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || typeof seconds !== 'number')
      throw new TypeError('access_token, refresh_token or expires_in is missing.');
    return { accessToken, refreshToken, life: seconds * 1_000 };
  };

  return {
    endpoints: [refreshUrl, logoutUrl], // Never get a token from session.fetch, and never wait.
    readTokens, // Of the login as well.
    rotate: async ({ refreshToken }, { fetch }) => {
      const body = JSON.stringify({ refresh_token: refreshToken });
      const response = await fetch(refreshUrl, { method: 'POST', headers, body });
      const { status } = response;
      if (status === 429) return { outcome: 'held-back', status };
      if (status >= 500) return { outcome: 'unknown', status }; // As is whatever throws here.
      const answer: unknown = await response.json();
      if (response.ok) return { outcome: 'rotated', tokens: readTokens(answer) };
      const { error, error_code: code = error } = Object(answer);
      const isOver = /^(invalid_grant|session_|refresh_token_)/.test(String(code));
      return { outcome: isOver ? 'rejected' : 'misconfigured', status };
    },
    attach: (_, tokens) => ({ headers: bearer(tokens) }),
    isRefusal: ({ response }) => response.status === 401,
    revoke: async (tokens, { fetch }) => void (await fetch(logoutUrl, { method: 'POST', headers: bearer(tokens) })),
    lostAnswer: {}, // The parent of the newest refresh token brings the newest once more, at any time.
  };
}
