/** Token response -> tokens, strictly: the named fields only, each checked, with no value in any message. */
import { decodeJwt } from 'jose';
import { MAX_LIFE } from './timing.ts';
import type { Tokens } from './types.ts';

/** What may go into a header without being altered, refused or taken for two. */
const ACCESS_TOKEN = /^[\x21-\x7E]{1,16384}$/;
/** RFC 6749 appendix A.17, bounded. */
const REFRESH_TOKEN = /^[\x20-\x7E]{1,16384}$/;
const SECONDS = /^\d+(\.\d+)?$/;
/** The last second of the year 9999. What lies beyond is no date in seconds. */
const LAST_DATE = 253_402_300_799;

/** How a server's token responses are to be read. */
export interface Reading {
  /** The `token_type` that was asked for. Compared without regard to case (RFC 6749 section 5.1). */
  readonly tokenType: string;
  /** Life in milliseconds of an access token that tells none itself. */
  readonly defaultLife?: number | undefined;
}

/**
 * Reads a token response (RFC 6749 section 5.1). A missing refresh token means that the previous one stays
 * good. A missing `expires_in` is made up from the token's own `exp - iat`, else from the default.
 *
 * @throws TypeError that names the field, never its value.
 */
export function readTokenResponse(response: unknown, reading: Reading, previous?: Tokens): Tokens {
  const fields = ownFields(response);
  const accessToken = fields('access_token');
  if (!isText(accessToken, ACCESS_TOKEN)) {
    throw new TypeError('access_token must be a string of 1 to 16384 visible ASCII characters.');
  }
  const type = fields('token_type');
  if (typeof type !== 'string' || type.toLowerCase() !== reading.tokenType.toLowerCase()) {
    throw new TypeError(`token_type must be ${reading.tokenType}.`);
  }
  const claims = claimsOf(accessToken);
  const life = lifeOf(fields('expires_in'), claims) ?? reading.defaultLife;
  const refreshToken = readRefreshToken(fields('refresh_token')) ?? previous?.refreshToken;
  const scope = fields('scope');
  return {
    accessToken,
    refreshToken,
    life,
    endsIn: refreshToken === undefined ? life : endOf(fields('refresh_expires_in')),
    isFinal: refreshToken === undefined,
    scope: typeof scope === 'string' ? scope : previous?.scope,
    ...userOf(fields('id_token'), claims, previous),
  };
}

/** Checks what a server module made itself. @throws TypeError that names the field. */
export function checkTokens(tokens: Tokens): Tokens {
  if (typeof tokens !== 'object' || tokens === null || tokens instanceof Promise) {
    throw new TypeError('The tokens must be an object, and no promise of one.');
  }
  const { accessToken, endsIn, life, refreshToken } = tokens;
  if (accessToken !== undefined && !isText(accessToken, ACCESS_TOKEN)) {
    throw new TypeError('accessToken must be 1 to 16384 visible ASCII characters.');
  }
  if (refreshToken !== undefined && !isText(refreshToken, REFRESH_TOKEN)) {
    throw new TypeError('refreshToken must be 1 to 16384 ASCII characters.');
  }
  for (const [name, value] of [
    ['life', life],
    ['endsIn', endsIn],
  ] as const) {
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= MAX_LIFE)) {
      throw new TypeError(`${name} must be a duration in milliseconds.`);
    }
  }
  return tokens;
}

/** Reads a member by its name. */
type Fields = (name: string) => unknown;

/** A reader of an object's own members: nothing is copied, and no prototype is asked. */
export function ownFields(response: unknown): Fields {
  if (typeof response !== 'object' || response === null || Array.isArray(response)) {
    throw new TypeError('The token response must be a JSON object.');
  }
  return (name) => {
    const value: unknown = Object.getOwnPropertyDescriptor(response, name)?.value;
    return value;
  };
}

function readRefreshToken(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (isText(value, REFRESH_TOKEN)) return value;
  throw new TypeError('refresh_token must be a string of 1 to 16384 ASCII characters.');
}

function lifeOf(expiresIn: unknown, claims: Fields): number | undefined {
  if (expiresIn === undefined) return lifeOfClaims(claims);
  const life = milliseconds(expiresIn);
  if (life === undefined) throw new TypeError('expires_in must be a number of seconds.');
  return life;
}

function lifeOfClaims(claims: Fields): number | undefined {
  const [exp, iat] = [claims('exp'), claims('iat')];
  return isDate(exp) && isDate(iat) && exp > iat ? milliseconds(exp - iat) : undefined;
}

/** `refresh_expires_in` stands in no RFC: what cannot be read is passed over, and 0 means no end (Keycloak's offline tokens). */
function endOf(refreshExpiresIn: unknown): number | undefined {
  return milliseconds(refreshExpiresIn) || undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  const value = typeof seconds === 'string' && SECONDS.test(seconds) ? Number(seconds) : seconds;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  return Math.min(value * 1_000, MAX_LIFE);
}

function isDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_DATE;
}

/** The claims of a JWT; none for an opaque or an encrypted token. */
function claimsOf(token: unknown): Fields {
  try {
    // An opaque token has no dots: to have that said by an error costs more than to look.
    if (isText(token, ACCESS_TOKEN) && token.includes('.')) return ownFields(decodeJwt(token));
  } catch {
    // Not a JWT. The error is dropped because it may quote its input.
  }
  return () => undefined;
}

/** A token's own `exp`, in seconds; nothing where it does not tell one. */
export function expiryOf(token: string | undefined): number | undefined {
  const exp = claimsOf(token)('exp');
  return typeof exp === 'number' && Number.isFinite(exp) ? exp : undefined;
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/**
 * Who it is. An ID token's subject and an access token's may differ by design (pairwise subjects, other
 * issuers), so that a rotation's tokens are only ever held against the same kind of token.
 */
function userOf(idToken: unknown, claims: Fields, previous: Tokens | undefined): Pick<Tokens, 'user' | 'userFrom'> {
  const fromId = subjectOf(claimsOf(idToken));
  if (fromId !== undefined) return { user: fromId, userFrom: 'id_token' };
  const fromAccess = subjectOf(claims);
  if (previous?.userFrom === 'id_token' || fromAccess === undefined) {
    return { user: previous?.user, userFrom: previous?.userFrom };
  }
  return { user: fromAccess, userFrom: 'access_token' };
}

function subjectOf(claims: Fields): string | undefined {
  const [iss, sub] = [claims('iss'), claims('sub')];
  return typeof iss === 'string' && typeof sub === 'string' ? `${iss} ${sub}` : undefined;
}

/** Whether two generations' tokens are known to belong to different people. */
export function isSomebodyElse(before: Tokens, after: Tokens): boolean {
  return before.user !== undefined && before.userFrom === after.userFrom && before.user !== after.user;
}

/** Reads tokens back from where they were stored: somebody else may have written there. @throws TypeError. */
export function readStoredTokens(text: string): Tokens {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    throw new TypeError('The stored tokens are not JSON.'); // V8's own message quotes the input.
  }
  const field = ownFields(stored);
  const string = (name: string) => {
    const value = field(name);
    return typeof value === 'string' ? value : undefined;
  };
  const number = (name: string) => {
    const value = field(name);
    return typeof value === 'number' ? value : undefined;
  };
  const userFrom = field('userFrom');
  return checkTokens({
    accessToken: string('accessToken'),
    refreshToken: string('refreshToken'),
    life: number('life'),
    endsIn: number('endsIn'),
    isFinal: field('isFinal') === true,
    user: string('user'),
    userFrom: userFrom === 'id_token' || userFrom === 'access_token' ? userFrom : undefined,
    scope: string('scope'),
    tokenOrigin: string('tokenOrigin'),
  });
}
