/** The nonces that servers want to read in proofs (RFC 9449 sections 8 and 9): the newest of each origin. */

export interface Nonces {
  readonly of: (url: URL) => string | undefined;
  /** Takes note of what came with an answer, good or not: what was given there. */
  readonly learn: (url: URL, response: Response) => string | undefined;
}

/** Section 8.1, bounded: it goes back in a header. */
const NONCE = /^[\x21\x23-\x5B\x5D-\x7E]{1,4096}$/;

export function createNonces(): Nonces {
  const newest = new Map<string, string>();
  return {
    of: ({ origin }) => newest.get(origin),
    learn: ({ origin }, { headers }) => {
      // Unreadable across origins unless exposed by CORS.
      const nonce = headers.get('dpop-nonce') ?? '';
      if (!NONCE.test(nonce)) return undefined;
      newest.set(origin, nonce);
      return nonce;
    },
  };
}
