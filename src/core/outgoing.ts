/** One request, fixed as it is at the call: to be sent again and again, each time with the token at hand. */
import type { Entrant } from './admission.ts';
import { copyOf } from './body.ts';
import type { FixedHeaders } from './headers.ts';
import { unlessAborted } from './leaving.ts';
import type { Network } from './ports.ts';
import type { Moment } from './timing.ts';
import type { RequestParts } from './types.ts';

export interface Outgoing extends Entrant {
  readonly parts: RequestParts;
  readonly headers: FixedHeaders | undefined;
  /** How long it has waited, in milliseconds. Default 0. */
  readonly waited?: number;
  /** Whether `send` can be called a second time. */
  readonly isReplayable: boolean;
  /** `isAtOnce`: in the task of the call. */
  readonly send: (init: RequestInit, isAtOnce?: boolean) => Promise<Response>;
  /** It is not sent, or not again: a stream that it holds is let go, as natively. */
  readonly drop: (reason: unknown) => void;
}

export interface Call {
  readonly network: Network;
  readonly base: () => string;
  readonly url: string;
  readonly request: Request | undefined;
  readonly init: RequestInit;
  /** The caller's own headers. */
  readonly headers: FixedHeaders | undefined;
  readonly signal: AbortSignal | undefined;
  /** Since when it waits; nothing when it goes at once. */
  readonly from: Moment | undefined;
}

/**
 * Fixes the request as it is at the call. One whose body cannot change is sent from its own parts: to build a
 * `Request` costs more than all the rest.
 */
export function outgoingOf({ base, from, headers, init, network, request, signal, url }: Call): Outgoing {
  const keepalive = (init.keepalive === undefined ? request?.keepalive : init.keepalive) ?? false;
  // WebKit makes a stream of a request's body once it is looked at, and sends no such stream with `keepalive`.
  const mayHoldBody = request !== undefined && request.method !== 'GET' && request.method !== 'HEAD';
  const body = init.body ?? null;
  // By then the page's base may be another one.
  const basis = base();
  const parts = { url, base: basis, method: normalize(''.concat(init.method ?? request?.method ?? 'GET')) };
  if (!mayHoldBody && (body === null || (typeof body === 'string' && request === undefined))) {
    // What native fetch would refuse is refused at the call.
    const later = () => request ?? new URL(url, basis).href;
    if (from !== undefined) void new Request(later(), init);
    return {
      parts,
      headers,
      keepalive,
      from,
      signal,
      isReplayable: true,
      send: (dress, isAtOnce) => network.fetch(isAtOnce ? (request ?? url) : later(), { ...init, ...dress }),
      drop: () => undefined,
    };
  }
  const isReplayable = !(body instanceof ReadableStream);
  if (body !== null) init.body = copyOf(body);
  const fixed = new Request(request ?? new URL(url, basis).href, init);
  return {
    parts,
    // What the body says of itself (its type, a form's boundary) stands in the headers by now.
    headers: fixed.headers,
    keepalive,
    from,
    signal,
    isReplayable,
    send: (dress) => {
      // WebKit may lose the signal that a copy's own follows.
      const last = { ...referrerOf(fixed), ...(signal && { signal }), ...dress };
      const answer = network.fetch(isReplayable ? fixed.clone() : fixed, last);
      // It hears of none before it has read a copied stream to the end.
      return mayHoldBody && signal ? unlessAborted(answer, signal) : answer;
    },
    // Other bodies need not be let go, and WebKit would make a stream of what is looked at.
    drop: (reason) => {
      if (mayHoldBody || !isReplayable) fixed.body?.cancel(reason).catch(() => undefined); // The network may read it by now.
    },
  };
}

/** As the Fetch standard (section 2.2.1) writes methods: only these are known in any case. */
export function normalize(method: string): string {
  return /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
}

/** A request with any init at all loses these (Fetch standard, the Request constructor, step 12). */
export function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return { referrer, referrerPolicy };
}
