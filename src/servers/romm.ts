/** RomM's token endpoint: the form of OAuth 2.0, one-use refresh tokens, and lives under names of its own. */
import { readRotation } from '../core/refusal.ts';
import { ownFields, readTokenResponse } from '../core/tokens.ts';
import type { TokenServer, Tokens } from '../core/types.ts';
import { readBaseUrl } from './base-url.ts';
import { bearer } from './bearer.ts';
import { readServerOptions } from './server-options.ts';

/** Where RomM is. */
export interface RommOptions {
  /** Base URL of RomM, as `https://romm.example.com`, absolute or relative to the page; `'/'` is the page's own origin. */
  readonly url: string;
}

/**
 * RomM, by its `POST {url}/api/token`: a form with `grant_type=refresh_token`, answered with `access_token`,
 * `refresh_token`, and their lives in seconds as `expires` and `refresh_expires` instead of OAuth's names.
 *
 * Its refresh tokens can be used once; a second use is answered 401 and does no other harm, so that after a lost answer
 * they are presented again. It cannot revoke them: signing out is local to the browser.
 *
 * @example
 * const server = romm({ url: 'https://romm.example.com' });
 *
 * @throws TypeError that names the option.
 */
export function romm(options: RommOptions): TokenServer {
  const tokenEndpoint = `${readBaseUrl('romm', readServerOptions('romm', options, ['url']))}/api/token`;
  const readTokens = (response: unknown, previous?: Tokens): Tokens => {
    const field = ownFields(response);
    const members = {
      access_token: field('access_token'),
      refresh_token: field('refresh_token'),
      expires_in: field('expires'),
      refresh_expires_in: field('refresh_expires'),
      token_type: field('token_type'),
    };
    return readTokenResponse(members, { tokenType: 'Bearer' }, previous);
  };

  return {
    ...bearer,
    endpoints: [tokenEndpoint],
    lostAnswer: {},
    readTokens,
    rotate: async (tokens, { fetch }) => {
      const { refreshToken } = tokens;
      if (refreshToken === undefined) return { outcome: 'rejected' };
      const response = await fetch(tokenEndpoint, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      });
      return readRotation(response, (body) => readTokens(body, tokens));
    },
  };
}
