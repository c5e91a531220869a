/** Fetch for a token endpoint that wants proofs (RFC 9449 section 5): proves, once more where another proof is wanted, and refuses tokens that are not bound. */
import { errorOf, readText } from '../core/refusal.ts';
import { ownFields } from '../core/tokens.ts';
import { prove } from './dpop-proof.ts';
import type { Terms } from './dpop-terms.ts';

type Fetch = typeof globalThis.fetch;

export interface ProvingOptions {
  readonly fetch: Fetch;
  readonly key: CryptoKeyPair;
  readonly terms: Terms;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function provingFetch({ fetch, key, now, terms }: ProvingOptions): Fetch {
  return async (input, init = {}) => {
    const isRequest = input instanceof Request;
    const url = absolute(isRequest ? input.url : input);
    // As fetch sends `post`.
    const method = (init.method ?? (isRequest ? input.method : 'GET')).toUpperCase();

    const send = async (nonce: string | undefined, date: number): Promise<Response> => {
      const headers = new Headers(init.headers ?? (isRequest ? input.headers : undefined));
      headers.set('dpop', await prove(key, { method, url, nonce, now: date }));
      return fetch(isRequest ? input.clone() : input, { ...init, headers });
    };

    const used = terms.nonce(url);
    const date = terms.now(url, now());
    const response = await send(used, date);
    const wanted = terms.learn(url, response);
    if (!MAY_REFUSE_PROOF.has(response.status)) return response;
    const text = await readText(response);
    const error = errorOf(text);
    const mayHelp =
      (error === USE_NONCE && wanted !== undefined && wanted !== used) ||
      (error === INVALID_PROOF && terms.correct(url, response, date));
    if (!mayHelp) return copyOf(response, text);
    const second = await send(terms.nonce(url), terms.now(url, now()));
    terms.learn(url, second);
    return second;
  };
}

/** What a server answers that wants a nonce, or another one (section 8). */
export const USE_NONCE = 'use_dpop_nonce';
/** What is wrong with a proof may be its date (section 4.3). */
export const INVALID_PROOF = 'invalid_dpop_proof';
/** RFC 6749 section 5.2 has a 401 for some errors. */
const MAY_REFUSE_PROOF: ReadonlySet<number> = new Set([400, 401]);

/**
 * The answer as one that gives bearer tokens would be, for a server that reads those.
 *
 * @throws TypeError when these tokens are bearer tokens: nothing that was asked to be bound is used without it.
 */
export async function unbound(response: Response): Promise<Response> {
  if (!response.ok || response.body === null) return response;
  const text = await readText(response);
  try {
    JSON.parse(text ?? '');
  } catch {
    return copyOf(response, text); // Whoever reads it says what is wrong.
  }
  return copyOf(response, JSON.stringify(unboundTokens(JSON.parse(text ?? ''))));
}

/** The token response as one of bearer tokens would be. @throws TypeError when it is one. */
export function unboundTokens(response: unknown): unknown {
  const type = ownFields(response)('token_type');
  if (typeof type !== 'string' || type.toLowerCase() !== 'dpop') throw new TypeError('token_type must be DPoP.');
  return { ...(response as object), token_type: 'Bearer' };
}

/** Its body has been read. */
function copyOf(response: Response, text: string | undefined): Response {
  return new Response(text ?? null, response);
}

/** Where a request goes. `base`: default the page's. */
export function absolute(url: string | URL, base: string | undefined = globalThis.document?.baseURI): URL {
  return new URL(url, base);
}
