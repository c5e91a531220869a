/** OAuth 2.0 for a public client, at endpoints that the app names or that the authorization server's metadata does. */
import type { LostAnswer, TokenServer } from '../core/types.ts';
import { discovered } from './discovery.ts';
import { publicClient } from './public-client.ts';
import { readServerOptions } from './server-options.ts';

/** Where the authorization server is, by its issuer or by its endpoints, and who the app is to it. */
export type OAuth2Options = {
  /** The public client's id. */
  readonly clientId: string;
  /** Life in seconds of access tokens that tell none themselves, at most a year. Default: unknown, and refusals decide. */
  readonly defaultLife?: number;
  /** What the server does with a refresh token that is presented twice. Default `{}`: present again without limit. */
  readonly lostAnswer?: LostAnswer;
} & (
  | {
      /** URL of the token endpoint, absolute or relative to the page. https, loopback or the page's own origin. A query is kept. */
      readonly tokenEndpoint: string;
      /** URL of the revocation endpoint (RFC 7009). Without one, signing out is local to the browser. */
      readonly revocationEndpoint?: string;
      /** Names the endpoints itself: it excludes them. */
      readonly issuer?: never;
    }
  | {
      /**
       * The authorization server's identifier, exactly as its metadata has it: https or loopback, neither query nor
       * fragment. The endpoints are those of `{issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0), or
       * of `/.well-known/oauth-authorization-server` before the path (RFC 8414). They are looked up before the first
       * rotation, and again after the server has refused a request itself.
       *
       * Metadata out of reach is tried again like a token endpoint out of reach. Metadata of another issuer, or without a
       * good `token_endpoint`, and one that has moved to another origin since the session's last rotation, is a
       * `RotationError` that is `permanent`, and no reason to end the session: it says `issuer_mismatch`, `bad_endpoint`,
       * `token_endpoint_moved` or, where there is none, `no_metadata`.
       */
      readonly issuer: string;
      readonly tokenEndpoint?: never;
      readonly revocationEndpoint?: never;
    }
);

/**
 * An OAuth 2.0 authorization server that gives bearer tokens (RFC 6750) to a public client.
 *
 * @example
 * const server = oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'spa' });
 * const discovered = oauth2({ issuer: 'https://login.example.com', clientId: 'spa' });
 *
 * @throws TypeError that names the option.
 */
export function oauth2(options: OAuth2Options): TokenServer {
  const { client, endpoints, issuer } = readOptions(options);
  return endpoints === undefined
    ? discovered(issuer, (found) => publicClient({ ...client, ...found }))
    : publicClient({ ...client, ...endpoints });
}

const KNOWN = ['tokenEndpoint', 'revocationEndpoint', 'issuer', 'clientId', 'defaultLife', 'lostAnswer'];

function readOptions(options: unknown) {
  const { field, life, lostAnswer, optionalText, text } = readServerOptions('oauth2', options, KNOWN);
  const client = { clientId: text('clientId'), defaultLife: life(), lostAnswer: lostAnswer() };
  if (field('issuer') === undefined) {
    const endpoints = { tokenEndpoint: text('tokenEndpoint'), revocationEndpoint: optionalText('revocationEndpoint') };
    return { client, endpoints };
  }
  if (field('tokenEndpoint') !== undefined || field('revocationEndpoint') !== undefined)
    throw new TypeError('oauth2: issuer excludes tokenEndpoint and revocationEndpoint, which its metadata names.');
  return { client, issuer: text('issuer') };
}
