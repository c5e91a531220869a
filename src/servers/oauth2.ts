/** OAuth 2.0 token endpoint for a public client: refresh (RFC 6749 section 6) and revocation (RFC 7009). */
import { readRotation } from '../core/refusal.ts';
import { readTokenResponse } from '../core/tokens.ts';
import type { LostAnswer, ServerContext, TokenServer } from '../core/types.ts';
import { bearer } from './bearer.ts';
import { readServerOptions } from './server-options.ts';

/** Where the authorization server is, and who the app is to it. */
export interface OAuth2Options {
  /** URL of the token endpoint, absolute or relative to the page. https, loopback or the page's own origin. A query is kept. */
  readonly tokenEndpoint: string;
  /** URL of the revocation endpoint (RFC 7009). Without one, signing out is local to the browser. */
  readonly revocationEndpoint?: string;
  /** The public client's id. */
  readonly clientId: string;
  /** Life in seconds of access tokens that tell none themselves, at most a year. Default: unknown, and refusals decide. */
  readonly defaultLife?: number;
  /** What the server does with a refresh token that is presented twice. Default `{}`: present again without limit. */
  readonly lostAnswer?: LostAnswer;
}

/**
 * An OAuth 2.0 authorization server that gives bearer tokens (RFC 6750) to a public client.
 *
 * @example
 * const server = oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'spa' });
 *
 * @throws TypeError that names the option.
 */
export function oauth2(options: OAuth2Options): TokenServer {
  const { clientId, defaultLife, lostAnswer, revocationEndpoint, tokenEndpoint } = readOptions(options);
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

const KNOWN = ['tokenEndpoint', 'revocationEndpoint', 'clientId', 'defaultLife', 'lostAnswer'];

function readOptions(options: unknown) {
  const { life, lostAnswer, optionalText, text } = readServerOptions('oauth2', options, KNOWN);
  return {
    tokenEndpoint: text('tokenEndpoint'),
    clientId: text('clientId'),
    revocationEndpoint: optionalText('revocationEndpoint'),
    defaultLife: life(),
    lostAnswer: lostAnswer(),
  };
}
