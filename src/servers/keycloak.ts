/** A Keycloak realm: its OAuth 2.0 token endpoint, and a logout that ends the session at the server. */
import type { LostAnswer, TokenServer } from '../core/types.ts';
import { readBaseUrl } from './base-url.ts';
import { publicClient } from './public-client.ts';
import { readServerOptions } from './server-options.ts';

/** Where the realm is, and who the app is to it. */
export interface KeycloakOptions {
  /** Base URL of Keycloak, as `https://login.example.com` (before version 17 with `/auth` behind it), absolute or relative to the page. */
  readonly url: string;
  /** The realm's name. */
  readonly realm: string;
  /** The public client's id. */
  readonly clientId: string;
  /**
   * The realm's "Refresh Token Max Reuse", where "Revoke Refresh Token" is on: after lost answers a refresh token is
   * presented again at most so many times, and once where it is 0, since reuse ends this session only, which is lost
   * by then anyway. A server that cannot be reached uses these up as well, and the session is interrupted when its
   * access token dies. Default: no limit, which outlasts any outage.
   */
  readonly maxReuse?: number;
}

/**
 * A Keycloak realm with a public client, by the conventional addresses under
 * `{url}/realms/{realm}/protocol/openid-connect`: refresh at `token` (RFC 6749 section 6), and at sign-out `logout` with
 * the refresh token, which ends the user's session at Keycloak; where there is none, `revoke` (RFC 7009).
 *
 * The session ends with `refresh_expires_in`; 0, as for offline tokens, means no end.
 *
 * @example
 * const server = keycloak({ url: 'https://login.example.com', realm: 'staff', clientId: 'spa' });
 *
 * @throws TypeError that names the option.
 */
export function keycloak(options: KeycloakOptions): TokenServer {
  const { clientId, lostAnswer, realmUrl } = readOptions(options);
  const endpoint = (name: string) => `${realmUrl}/protocol/openid-connect/${name}`;
  const logoutEndpoint = endpoint('logout');
  const server = publicClient({
    tokenEndpoint: endpoint('token'),
    revocationEndpoint: endpoint('revoke'),
    clientId,
    lostAnswer,
  });

  return {
    ...server,
    endpoints: [...server.endpoints, logoutEndpoint],
    revoke: async (tokens, context) => {
      const { refreshToken } = tokens;
      if (refreshToken === undefined) return server.revoke?.(tokens, context);
      const response = await context.fetch(logoutEndpoint, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams({ refresh_token: refreshToken, client_id: clientId }),
      });
      await response.arrayBuffer(); // Unread, it would be shown as cancelled.
    },
  };
}

const KNOWN = ['url', 'realm', 'clientId', 'maxReuse'];

function readOptions(given: unknown) {
  const options = readServerOptions('keycloak', given, KNOWN);
  const { field, text } = options;
  return {
    realmUrl: `${readBaseUrl('keycloak', options)}/realms/${encodeURIComponent(text('realm'))}`,
    clientId: text('clientId'),
    lostAnswer: readMaxReuse(field('maxReuse')),
  };
}

function readMaxReuse(value: unknown): LostAnswer {
  if (value === undefined) return {};
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { resends: Math.max(value, 1) };
  throw new TypeError('keycloak: maxReuse must be a whole number, 0 or more.');
}
