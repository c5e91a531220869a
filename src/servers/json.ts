/** A token service that speaks JSON, as FastAPI applications write them: one POST for the next tokens, member names of its own. */
import { fieldsOf } from '../core/options.ts';
import { readRotation } from '../core/refusal.ts';
import { ownFields, readTokenResponse } from '../core/tokens.ts';
import type { LostAnswer, TokenServer, Tokens } from '../core/types.ts';
import { bearer } from './bearer.ts';
import { readServerOptions } from './server-options.ts';

/** What the service calls the members of its requests and answers. */
export interface JsonFields {
  /** The access token. Default `'access_token'`. */
  readonly accessToken?: string;
  /** The refresh token, in requests as well as in answers. Default `'refresh_token'`. */
  readonly refreshToken?: string;
  /** The access token's life in seconds, a number or a string. Default `'expires_in'`. */
  readonly expiresIn?: string;
  /** The refresh token's life in seconds. 0, or no such member: it has no end. Default `'refresh_expires_in'`. */
  readonly refreshExpiresIn?: string;
}

/** Where the token service is, and what it calls things. */
export interface JsonOptions {
  /** URL for the next tokens, absolute or relative to the page. https, loopback or the page's own origin. A query is kept. */
  readonly url: string;
  /** Member names of the service, where they are not those of OAuth 2.0. */
  readonly fields?: JsonFields;
  /** Life in seconds of access tokens that tell none themselves, at most a year. Default: unknown, and refusals decide. */
  readonly defaultLife?: number;
  /** What the service does with a refresh token that is presented twice. Default `{}`: present again without limit. */
  readonly lostAnswer?: LostAnswer;
}

/**
 * A token service that is asked with `POST {"refresh_token": "…"}` and answers 200 or 201 with
 * `{"access_token": "…", "expires_in": 900}`, for bearer tokens (RFC 6750).
 *
 * A refresh token in the answer replaces the one that was sent; where there is none, that stays good. A `token_type`
 * need not be there, and must be `Bearer` where it is. A 401, or a 4xx with `{"error": "invalid_grant"}`, means that the
 * refresh token is dead; any other 4xx (FastAPI's 422) means that the request was wrong, and the session stays.
 *
 * @example
 * const server = json({ url: '/token/refresh' });
 * const other = json({ url: '/auth/refresh', fields: { accessToken: 'token', refreshToken: 'refreshToken' } });
 *
 * @throws TypeError that names the option.
 */
export function json(options: JsonOptions): TokenServer {
  const { defaultLife, lostAnswer, names, url } = readOptions(options);
  const readTokens = (response: unknown, previous?: Tokens): Tokens => {
    const field = ownFields(response);
    const members = {
      access_token: field(names.accessToken),
      refresh_token: field(names.refreshToken),
      // `null`, as Pydantic writes what is not told.
      expires_in: field(names.expiresIn) ?? undefined,
      refresh_expires_in: field(names.refreshExpiresIn),
      token_type: field('token_type') ?? 'Bearer',
      id_token: field('id_token'),
      scope: field('scope'),
    };
    return readTokenResponse(members, { tokenType: 'Bearer', defaultLife }, previous);
  };

  return {
    ...bearer,
    endpoints: [url],
    lostAnswer,
    readTokens,
    rotate: async (tokens, { fetch }) => {
      const { refreshToken } = tokens;
      if (refreshToken === undefined) return { outcome: 'rejected' };
      const response = await fetch(url, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify({ [names.refreshToken]: refreshToken }),
      });
      // Frameworks that answer every POST with 201 do so here too.
      return readRotation(response, (body) => readTokens(body, tokens), response.status === 201 ? 201 : 200);
    },
  };
}

const NAMES: Required<JsonFields> = {
  accessToken: 'access_token',
  refreshToken: 'refresh_token',
  expiresIn: 'expires_in',
  refreshExpiresIn: 'refresh_expires_in',
};

function readOptions(options: unknown) {
  const { field, life, lostAnswer, text } = readServerOptions('json', options, [
    'url',
    'fields',
    'defaultLife',
    'lostAnswer',
  ]);
  return { url: text('url'), names: readNames(field('fields')), defaultLife: life(), lostAnswer: lostAnswer() };
}

function readNames(given: unknown): Required<JsonFields> {
  if (given === undefined) return NAMES;
  const field = fieldsOf(given, 'json: fields', new Set(Object.keys(NAMES)));
  const name = (of: keyof JsonFields): string => {
    const value = field(of, NAMES[of]);
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`json: fields.${of} must be a string that is not empty.`);
  };
  return {
    accessToken: name('accessToken'),
    refreshToken: name('refreshToken'),
    expiresIn: name('expiresIn'),
    refreshExpiresIn: name('refreshExpiresIn'),
  };
}
