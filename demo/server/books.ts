/** What the servers counted: the demo's and the tests' witness, independent of anything the page says. */

/** One refusal by the API. */
export interface Refusal {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: 'expired' | 'refused' | 'missing' | 'invalid';
  /** Seconds since the token was issued. Absent: it could not be read. */
  readonly age?: number | undefined;
}

/** The counts at one moment. */
export interface Counts {
  /** Token requests that have reached the server, whether or not they have taken effect. */
  readonly arrivals: number;
  /** Token requests by grant type and result: `{ refresh_token: { ok: 3, invalid_grant: 1 } }`. */
  readonly tokenRequests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Refresh tokens that were presented again after they had been used. */
  readonly reuses: number;
  /** Revocation requests for tokens that were alive, and for others. */
  readonly revocations: { readonly revoked: number; readonly unknown: number };
  /** API calls by status, preflights aside. */
  readonly apiCalls: Readonly<Record<string, number>>;
  /** The last 1,000 refusals, oldest first. */
  readonly refusals: readonly Refusal[];
}

/** Counts that can be read, followed and begun anew. */
export interface Books {
  readonly arrival: () => void;
  readonly tokenRequest: (grantType: string, result: string) => void;
  readonly reuse: () => void;
  readonly revocation: (found: boolean) => void;
  readonly apiCall: (status: number, refusal?: Refusal) => void;
  /** The same object until something was counted. */
  readonly read: () => Counts;
  readonly reset: () => void;
  /** Calls the listener after each change. Returns its undo. */
  readonly subscribe: (listener: () => void) => () => void;
}

const EMPTY: Counts = {
  arrivals: 0,
  tokenRequests: {},
  reuses: 0,
  revocations: { revoked: 0, unknown: 0 },
  apiCalls: {},
  refusals: [],
};

function increment(counts: Readonly<Record<string, number>>, key: string): Readonly<Record<string, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}

/** Opens empty books. */
export function openBooks(): Books {
  let counts = EMPTY;
  const listeners = new Set<() => void>();

  const write = (next: Counts): void => {
    counts = next;
    for (const listener of listeners) listener();
  };

  return {
    arrival: () => write({ ...counts, arrivals: counts.arrivals + 1 }),
    tokenRequest: (grantType, result) => {
      const results = increment(counts.tokenRequests[grantType] ?? {}, result);
      write({ ...counts, tokenRequests: { ...counts.tokenRequests, [grantType]: results } });
    },
    reuse: () => write({ ...counts, reuses: counts.reuses + 1 }),
    revocation: (found) => {
      const { revoked, unknown } = counts.revocations;
      write({
        ...counts,
        revocations: found ? { revoked: revoked + 1, unknown } : { revoked, unknown: unknown + 1 },
      });
    },
    apiCall: (status, refusal) => {
      const refusals = refusal === undefined ? counts.refusals : [...counts.refusals, refusal].slice(-1000);
      write({ ...counts, apiCalls: increment(counts.apiCalls, String(status)), refusals });
    },
    read: () => counts,
    reset: () => write(EMPTY),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
