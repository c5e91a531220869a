/** What servers want of proofs: the newest nonce of each origin (RFC 9449 sections 8 and 9), and its own time where ours is refused. */

export interface Terms {
  readonly nonce: (url: URL) => string | undefined;
  /** The time to date a proof with, in epoch milliseconds. `now`: as far as it is known otherwise. */
  readonly now: (url: URL, now: number) => number;
  /** Takes note of the nonce that came with an answer, good or not: that one. */
  readonly learn: (url: URL, response: Response) => string | undefined;
  /** Takes the time of an answer that refused a proof of this date. Whether another date may help. */
  readonly correct: (url: URL, response: Response, date: number) => boolean;
}

/** Section 8.1, bounded: it goes back in a header. */
const NONCE = /^[\x21\x23-\x5B\x5D-\x7E]{1,4096}$/;
/** An answer tells whole seconds, and is some time under way. Servers mind ten seconds and more. */
const TOLERANCE = 3_000;

export function createTerms(): Terms {
  const nonces = new Map<string, string>();
  /** By how much clocks are ahead of this machine's, in milliseconds. */
  const ahead = new Map<string, number>();
  return {
    nonce: ({ origin }) => nonces.get(origin),
    now: ({ origin }, now) => {
      const offset = ahead.get(origin);
      return offset === undefined ? now : Date.now() + offset;
    },
    learn: ({ origin }, { headers }) => {
      // Unreadable across origins unless exposed by CORS, like `Date`.
      const nonce = headers.get('dpop-nonce') ?? '';
      if (!NONCE.test(nonce)) return undefined;
      nonces.set(origin, nonce);
      return nonce;
    },
    correct: ({ origin }, { headers }, date) => {
      const time = Date.parse(headers.get('date') ?? '');
      if (!(Math.abs(time - date) > TOLERANCE)) return false;
      ahead.set(origin, time - Date.now());
      return true;
    },
  };
}
