/** Sender-constrained tokens (RFC 9449): whoever steals them has no key, and without the key they are worth nothing. */
import { readChallenges } from '../core/challenge.ts';
import { refusesToken } from '../core/refusal.ts';
import type { RequestParts, TokenServer } from '../core/types.ts';
import { absolute, INVALID_PROOF, provingFetch, unbound, unboundTokens, USE_NONCE } from './dpop-fetch.ts';
import { isKey, prove, subtle } from './dpop-proof.ts';
import { createTerms } from './dpop-terms.ts';
import { createSignInKey } from './sign-in-key.ts';

/** A {@link TokenServer} whose tokens are bound to a key, and what a login needs of it. */
export interface DpopServer extends TokenServer {
  /**
   * Fetch for the login's token request (RFC 9449 section 5): proves possession of the key of the sign-in that is coming,
   * and sends once more when the server wants a nonce. The tokens that come of it are for the session’s `start`, in the
   * same page: until then the key is nowhere else. Redirects are refused and no cookies sent, unless `init` says otherwise.
   *
   * @example
   * const server = dpop(oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }));
   * const session = createSession({ server });
   * const answer = await server.signInFetch('/oauth/token', { method: 'POST', body: codeAndVerifier });
   * await session.start(await answer.json());
   *
   * @throws Error (rejected) when `crypto.subtle` is missing; whatever native fetch rejects with.
   */
  readonly signInFetch: typeof globalThis.fetch;
  /**
   * The key of the sign-in that is coming, for a login library that proves by itself, or for `dpop_jkt` (RFC 9449
   * section 10). A new one, ES256 and not extractable, until `start` has taken it; or the one that is given, which the
   * app has kept while the user was at the authorization server.
   *
   * @example
   * const DPoP = oauth.DPoP(client, await server.signInKey()); // oauth4webapi
   *
   * @throws Error (rejected) when `crypto.subtle` is missing.
   * @throws TypeError (rejected) when the given key is none for ES256, or is extractable.
   */
  readonly signInKey: (given?: CryptoKeyPair) => Promise<CryptoKeyPair>;
}

/**
 * The same server with tokens that are bound to a key (RFC 9449): each rotation and each request carries a fresh proof.
 * The key is made for one sign-in, cannot be extracted, is stored in one record with the tokens, and is wiped with them.
 *
 * A nonce that the server wants (`use_dpop_nonce`) is kept for its origin, and the request is sent once more with it;
 * across origins the server has to expose `DPoP-Nonce` and `WWW-Authenticate`. Proofs are dated by the server's clock as
 * the session's rotations have told it; a proof that is refused is dated once more by the answer's own `Date`, where that
 * can be read. Bearer tokens are refused. Needs
 * `crypto.subtle`, and so https or loopback: without it nobody can sign in. A session that began with bearer tokens,
 * before the app used `dpop`, has no key: its first refusal, or its next rotation, ends it as `rejected`.
 *
 * A request waits for its proof, so one that is sent while the page goes away may not leave any more, `keepalive` or not.
 *
 * @example
 * const server = dpop(oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'spa' }));
 * export const session = createSession({ server, resources: ['/api/'] });
 *
 * @throws TypeError when it is given no token server.
 */
export function dpop(server: TokenServer): DpopServer {
  if (typeof server !== 'object' || server === null || typeof server.attach !== 'function')
    throw new TypeError('dpop: the server must be a token server, as oauth2({ … }) makes one.');
  // An authorization server's nonces are no resource's, even at the same origin.
  const [own, resources] = [createTerms(), createTerms()];
  // Before anybody lays a patch over it.
  const { fetch } = globalThis;
  const signInKey = createSignInKey();
  const sent = new WeakMap<RequestParts, Sent>();

  return {
    ...server,
    // It may come to know them only later.
    get endpoints() {
      return server.endpoints;
    },
    signInKey: signInKey.get,
    signInFetch: async (input, init) => {
      const key = await signInKey.get();
      return provingFetch({ fetch, key, terms: own, now: Date.now })(input, { ...GUARD, ...init });
    },
    readTokens: (response, previous) => {
      const tokens = server.readTokens(unboundTokens(response), previous);
      return { ...tokens, key: previous?.key ?? signInKey.take() };
    },
    prepare: async (context) => {
      subtle();
      await server.prepare?.(context);
    },
    rotate: async (tokens, context) => {
      const { key } = tokens;
      // It lies in one record with the tokens: a session that began without one has none anywhere.
      if (!isKey(key)) return { outcome: 'rejected', code: 'no_key' };
      const proving = provingFetch({ fetch: context.fetch, key, terms: own, now: context.now });
      const outcome = await server.rotate(tokens, {
        ...context,
        fetch: async (...request) => unbound(await proving(...request)),
      });
      // Each of two nonces was too old when it arrived: the refresh token has not been looked at.
      const isLate = outcome.outcome === 'misconfigured' && outcome.code === USE_NONCE;
      return isLate ? { outcome: 'held-back', status: outcome.status } : outcome;
    },
    attach: async (request, tokens, now = Date.now()) => {
      const { accessToken, key } = tokens;
      const attachment = await server.attach(request, tokens, now);
      if (accessToken === undefined) return attachment;
      subtle();
      // Goes out as nobody's: refused, it ends the session, which cannot be kept.
      if (!isKey(key)) return { headers: {} };
      const url = absolute(request.url, request.base);
      const nonce = resources.nonce(url);
      const date = resources.now(url, now);
      sent.set(request, { accessToken, date, nonce, isSecond: sent.get(request)?.accessToken === accessToken });
      const headers = new Headers(attachment.headers);
      headers.set('authorization', `DPoP ${accessToken}`);
      headers.set('dpop', await prove(key, { method: request.method, url, nonce, accessToken, now: date }));
      return { ...attachment, headers: Object.fromEntries(headers) };
    },
    isRefusal: (exchange) => {
      const { request, response } = exchange;
      const url = absolute(request.url, request.base);
      const nonce = resources.learn(url, response);
      const before = sent.get(request);
      if (response.status !== 401 || before === undefined) return server.isRefusal(exchange);
      const mayHelp = nonce !== undefined && nonce !== before.nonce && !before.isSecond;
      const challenge = response.headers.get('www-authenticate');
      const errors = readChallenges(challenge)
        .filter(({ scheme }) => scheme === 'dpop')
        .map(({ parameters }) => parameters.get('error') ?? '');
      // Across origins the challenge is unreadable unless exposed: then a new nonce says it.
      if (mayHelp && (challenge === null || errors.includes(USE_NONCE))) return 'again';
      // No token mends a proof.
      if (errors.includes(USE_NONCE)) return false;
      if (errors.includes(INVALID_PROOF))
        return !before.isSecond && resources.correct(url, response, before.date) && 'again';
      return refusesToken(response, 'dpop');
    },
    revoke: async (tokens, context) => {
      signInKey.forget();
      await server.revoke?.(tokens, context);
    },
  };
}

/** As rotations are sent: a redirect would carry the code away. */
const GUARD: RequestInit = {
  credentials: 'omit',
  redirect: 'error',
  cache: 'no-store',
  referrerPolicy: 'no-referrer',
};

/** How a request was last sent. */
interface Sent {
  readonly accessToken: string;
  /** Of its proof, in epoch milliseconds. */
  readonly date: number;
  readonly nonce: string | undefined;
  /** It was the second time with this token. */
  readonly isSecond: boolean;
}
