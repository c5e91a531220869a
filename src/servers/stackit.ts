/** STACKIT's key flow: OAuth 2.0 with an assertion that the client signs itself (RFC 7523 section 2.1). */
import { SignJWT } from 'jose';
import { readRotation } from '../core/refusal.ts';
import { readTokenResponse } from '../core/tokens.ts';
import type { LostAnswer, RotationOutcome, ServerContext, TokenServer, Tokens } from '../core/types.ts';
import { bearer } from './bearer.ts';
import { answeredAt } from './cookie-backend.ts';
import { readServerOptions } from './server-options.ts';

/** What the assertion says (RFC 7523 section 3). Further members are signed as they are. */
export interface StackitClaims {
  /** The service account that signs. */
  readonly iss: string;
  /** Whom the token is for: the same service account. */
  readonly sub: string;
  /** The token server, by the name that it gives itself. */
  readonly aud: string | readonly string[];
  readonly [name: string]: unknown;
}

/** Where the token server is, and what is signed for it with which key. */
export interface StackitOptions {
  /** URL of the token endpoint, absolute or relative to the page. https, loopback or the page's own origin. */
  readonly tokenUrl: string;
  /**
   * The private key: one for signing that cannot be extracted. Its algorithm is the assertion's: RSA with SHA-512 gives
   * RS512, P-256 gives ES256.
   */
  readonly key: CryptoKey;
  /** The key's name at the server, for the assertion's header. Default: none. */
  readonly kid?: string;
  /** What the assertion says. `iat`, `exp` (ten minutes later) and `jti` (a new one each time) are added. */
  readonly claims: StackitClaims;
  /** What the server does with a refresh token that is presented twice. Default `{}`: present again without limit. */
  readonly lostAnswer?: LostAnswer;
}

/**
 * A server that gives tokens for a signed assertion, and for a refresh token where it gives one. A refresh token that it
 * knows no more is followed by an assertion, so that the session lasts as long as the key is good.
 *
 * Such a session needs no login: after `start({})` the first request brings the first token.
 *
 * @example
 * const server = stackit({
 *   tokenUrl: 'https://service-account.api.stackit.cloud/token',
 *   key,
 *   kid: 'b0d7…',
 *   claims: { iss: 'robot@sa.stackit.cloud', sub: '6a4c…', aud: 'https://stackit-service-account-prod.apps.01.cf.eu01.stackit.cloud' },
 * });
 *
 * @throws TypeError that names the option.
 */
export function stackit(options: StackitOptions): TokenServer {
  const { alg, claims, key, kid, lostAnswer, tokenUrl } = readOptions(options);
  const reading = { tokenType: 'Bearer' };
  /** It was refused: from then on only an assertion helps. */
  let refused: string | undefined;

  return {
    endpoints: [tokenUrl],
    lostAnswer,
    readTokens,
    rotate: async (tokens, context) => {
      const { refreshToken } = tokens;
      if (refreshToken !== undefined && refreshToken !== refused) {
        const { outcome } = await ask(context, tokens, { grant_type: 'refresh_token', refresh_token: refreshToken });
        if (outcome.outcome !== 'rejected') return outcome;
        refused = refreshToken;
      }
      const present = async (now: number) =>
        ask(
          context,
          { ...tokens, refreshToken: undefined },
          { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await assertion(now) },
        );
      const now = context.now();
      const { at, outcome } = await present(now);
      // What was wrong may be our clock, and the refusal tells the server's.
      if (outcome.outcome !== 'rejected' || Math.abs(at - now) < WRONG) return outcome;
      return (await present(at)).outcome;
    },
    ...bearer,
  };

  /** The end of the access token or of the refresh token is no end of the session. */
  function readTokens(response: unknown, previous?: Tokens): Tokens {
    // Nothing yet: a token that is dead from the start has the first one fetched.
    if (isEmpty(response)) return { life: 0 };
    return { ...readTokenResponse(response, reading, previous), endsIn: undefined, isFinal: false };
  }

  /** `at`: when it was answered, by the server's clock where that can be read. */
  async function ask(
    context: ServerContext,
    previous: Tokens,
    parameters: Record<string, string>,
  ): Promise<{ readonly outcome: RotationOutcome; readonly at: number }> {
    const response = await context.fetch(tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(parameters),
    });
    const at = answeredAt(response, context);
    const outcome = await readRotation(response, (body) => {
      if (isEmpty(body)) throw new TypeError('The token response is empty.');
      return readTokens(body, previous);
    });
    return { outcome, at };
  }

  /** By the server's clock: signed as late as can be, since only then it is known. */
  function assertion(now: number): Promise<string> {
    const seconds = Math.floor(now / 1_000);
    return new SignJWT({ ...claims, jti: crypto.randomUUID() })
      .setProtectedHeader({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) })
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + ASSERTION_LIFE)
      .sign(key);
  }
}

/** In seconds, as STACKIT's own clients have it. */
const ASSERTION_LIFE = 600;
/** In milliseconds: an answer may be that long on its way, and a clock that much off. */
const WRONG = 15_000;

function isEmpty(response: unknown): boolean {
  return (
    typeof response === 'object' && response !== null && !Array.isArray(response) && !Reflect.ownKeys(response).length
  );
}

const KNOWN = ['tokenUrl', 'key', 'kid', 'claims', 'lostAnswer'];
/** What each assertion gets anew. */
const OWN_CLAIMS = ['exp', 'iat', 'jti'];

function readOptions(options: unknown) {
  const { field, lostAnswer, optionalText, text } = readServerOptions('stackit', options, KNOWN);
  const key = readKey(field('key'));
  return {
    tokenUrl: text('tokenUrl'),
    key,
    alg: algorithmOf(key.algorithm),
    kid: optionalText('kid'),
    claims: readClaims(field('claims')),
    lostAnswer: lostAnswer(),
  };
}

function readKey(key: unknown): CryptoKey {
  if (!(key instanceof CryptoKey) || key.type !== 'private' || !key.usages.includes('sign'))
    throw new TypeError('stackit: key must be a private CryptoKey that can sign.');
  // Script that could read it could take it away, and be this client for ever.
  if (key.extractable) throw new TypeError('stackit: key must not be extractable.');
  return key;
}

/** The name that JWS has for the key's algorithm (RFC 7518 section 3.1, RFC 9864). */
function algorithmOf({ name, ...rest }: KeyAlgorithm & { readonly hash?: KeyAlgorithm; readonly namedCurve?: string }) {
  const size = rest.hash?.name.replace('SHA-', '') ?? '';
  const curve = rest.namedCurve?.replace('P-', '').replace('521', '512') ?? '';
  const found = { 'RSASSA-PKCS1-v1_5': `RS${size}`, 'RSA-PSS': `PS${size}`, ECDSA: `ES${curve}`, Ed25519: 'Ed25519' };
  const alg = Object.entries(found).find(([known]) => known === name)?.[1];
  if (alg !== undefined && /^(?:[RPE]S(?:256|384|512)|Ed25519)$/.test(alg)) return alg;
  throw new TypeError('stackit: key must be of RSA with SHA-256 or more, of ECDSA or of Ed25519.');
}

function readClaims(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('stackit: claims must be an object.');
  const claims: Readonly<Record<string, unknown>> = { ...value };
  const { aud, iss, sub } = claims;
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const named = { iss: [iss], sub: [sub], aud: audience };
  for (const [name, texts] of Object.entries(named))
    if (texts.length === 0 || texts.some((text) => typeof text !== 'string' || text === ''))
      throw new TypeError(`stackit: claims.${name} must be a string that is not empty.`);
  for (const name of OWN_CLAIMS)
    if (Object.hasOwn(claims, name))
      throw new TypeError(`stackit: claims must not hold ${name}: each assertion gets its own.`);
  return claims;
}
