/** A public client at OAuth 2.0 endpoints that are known: refresh (RFC 6749 section 6) and revocation (RFC 7009). */
import { readRotation } from '../core/refusal.ts';
import { readTokenResponse } from '../core/tokens.ts';
import type { LostAnswer, ServerContext, TokenServer } from '../core/types.ts';
import { bearer } from './bearer.ts';

export interface PublicClient {
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string | undefined;
  readonly clientId: string;
  /** Milliseconds. */
  readonly defaultLife?: number | undefined;
  readonly lostAnswer: LostAnswer;
}

export function publicClient(client: PublicClient): TokenServer {
  const { clientId, defaultLife, lostAnswer, revocationEndpoint, tokenEndpoint } = client;
  const reading = { tokenType: 'Bearer', defaultLife };
  const post = (url: string, { fetch }: ServerContext, parameters: Record<string, string>) =>
    fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      // The body says that it is a form; a header of our own would only cost the bytes.
      body: new URLSearchParams({ ...parameters, client_id: clientId }),
    });

  return {
    endpoints: revocationEndpoint === undefined ? [tokenEndpoint] : [tokenEndpoint, revocationEndpoint],
    lostAnswer,
    readTokens: (response, previous) => readTokenResponse(response, reading, previous),
    rotate: async (tokens, context) => {
      const { refreshToken } = tokens;
      if (refreshToken === undefined) return { outcome: 'rejected' };
      const response = await post(tokenEndpoint, context, { grant_type: 'refresh_token', refresh_token: refreshToken });
      return readRotation(response, (body) => readTokenResponse(body, reading, tokens));
    },
    ...bearer,
    revoke: async ({ accessToken, refreshToken }, context) => {
      const token = refreshToken ?? accessToken;
      if (revocationEndpoint === undefined || token === undefined) return;
      const response = await post(revocationEndpoint, context, {
        token,
        token_type_hint: refreshToken === undefined ? 'access_token' : 'refresh_token',
      });
      await response.arrayBuffer(); // Unread, it would be shown as cancelled.
    },
  };
}
