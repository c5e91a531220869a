/** The public shapes: what an app passes in, what it gets back, and what a token server has to do. */

/** Removes what was added. Safe to call twice. */
export type Undo = () => void;

/**
 * The tokens of one generation, as a {@link TokenServer} read them from a token response.
 * Durations are milliseconds here; only options and wire formats use seconds.
 */
export interface Tokens {
  /** What {@link TokenServer.attach} puts on requests. Absent where the browser keeps it in a cookie. */
  readonly accessToken?: string | undefined;
  /** Presented for the next tokens. Absent where the server gives none, or keeps it in a cookie. */
  readonly refreshToken?: string | undefined;
  /** Life of the access token in milliseconds, counted from the moment its request was sent. Absent: unknown. */
  readonly life?: number | undefined;
  /** Time in milliseconds, counted like `life`, after which no further tokens can be had. Absent: unknown. */
  readonly endsIn?: number | undefined;
  /** No others can follow: the access token is used until it expires, and the session ends with it. */
  readonly isFinal?: boolean | undefined;
  /** Who is signed in, `iss` and `sub` joined, where the tokens say it. A hint, never authorization. */
  readonly user?: string | undefined;
  /** Which token `user` was read from: an ID token's subject is never held against an access token's. */
  readonly userFrom?: 'id_token' | 'access_token' | undefined;
  /** Space-separated scope as granted (RFC 6749 section 3.3). */
  readonly scope?: string | undefined;
  /** The origin that gave the refresh token, where the server found that by discovery: it is presented to no other. */
  readonly tokenOrigin?: string | undefined;
  /**
   * What they are bound to (RFC 9449). Taken from the sign-in's tokens, stored beside them for as long as the session
   * lives, and given with each of its generations. Its private key must not be extractable.
   */
  readonly key?: CryptoKeyPair | undefined;
}

/** How one rotation went, as the server's answer tells it. */
export type RotationOutcome =
  /** Good tokens. The presented refresh token is replaced. */
  | { readonly outcome: 'rotated'; readonly tokens: Tokens; readonly serverTime?: number | undefined }
  /** The server knows the refresh token no more. The session is over. */
  | { readonly outcome: 'rejected'; readonly status?: number | undefined; readonly code?: string | undefined }
  /** The server refused the request itself. The refresh token was not used, and trying again cannot help. */
  | { readonly outcome: 'misconfigured'; readonly status?: number | undefined; readonly code?: string | undefined }
  /**
   * The server did not take the request. The refresh token was not used. `retryAfter`: milliseconds. With `status` 200 it only
   * came too early, and the session does not become `stale` over it.
   */
  | {
      readonly outcome: 'held-back';
      readonly status?: number | undefined;
      readonly retryAfter?: number | undefined;
      readonly cause?: unknown;
    }
  /** No usable answer: the refresh token may have been used. `retryAfter`: milliseconds. */
  | {
      readonly outcome: 'unknown';
      readonly status?: number | undefined;
      readonly retryAfter?: number | undefined;
      readonly cause?: unknown;
    };

/** What a server's calls are given. */
export interface ServerContext {
  /** Aborted when the call must stop: its time is up, or its claim was lost. */
  readonly signal: AbortSignal;
  /**
   * Native fetch with `redirect: 'error'`, `cache: 'no-store'`, `referrerPolicy: 'no-referrer'` and, unless
   * the call names others, `credentials: 'omit'`. It refuses to send when too little is left of the claim.
   */
  readonly fetch: typeof globalThis.fetch;
  /** The server's clock as far as it is known, in epoch milliseconds. */
  readonly now: () => number;
  /** At a sign-out: the refresh token may have been used, or is about to end, so that it must not be presented. */
  readonly isSpent?: boolean;
}

/** The parts of a request that decide how a token is put on it. */
export interface RequestParts {
  /** As the caller wrote it: it may be relative. */
  readonly url: string;
  /** What `url` is relative to. Default: the page's base URL. */
  readonly base?: string | undefined;
  readonly method: string;
}

/** What goes onto a request: headers to set, and the credentials mode to use. */
export interface Attachment {
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials?: RequestCredentials | undefined;
}

/**
 * What to do when a refresh token was sent and the answer was lost.
 *
 * - `{ resends, within }`: present it again at most so many times, within so many seconds of the first time.
 *   Both default to no limit.
 * - `'probe'`: wait until the access token is dead, then ask {@link TokenServer.probe}.
 * - `'end'`: keep the access token until it dies, then end as `interrupted`.
 */
export type LostAnswer =
  | { readonly resends?: number | undefined; readonly within?: number | undefined }
  | 'probe'
  | 'end';

/** One kind of token server: how to get the next tokens, how to attach them, what a refusal looks like. */
export interface TokenServer {
  /** URLs of the server's own. They never get a token from {@link Session.fetch} and never wait. */
  readonly endpoints: readonly string[];
  /** Reads a login's or a rotation's token response. `previous` is what it replaces. @throws TypeError naming the field. */
  readonly readTokens: (response: unknown, previous?: Tokens) => Tokens;
  /** Presents the tokens for the next ones. Throwing counts as outcome `unknown`. */
  readonly rotate: (tokens: Tokens, context: ServerContext) => Promise<RotationOutcome>;
  /** Whatever must be awaited before a rotation may be claimed: discovery, keys, signing. */
  readonly prepare?: (context: ServerContext) => Promise<void>;
  /**
   * Says what to put on a request so that it carries the access token. `now`: the server's clock as far as it is known, in
   * epoch milliseconds. Asked anew each time that the request is sent, with the same `request`.
   */
  readonly attach: (request: RequestParts, tokens: Tokens, now?: number) => Attachment | Promise<Attachment>;
  /**
   * Whether this answer of a resource says that the access token is not valid (RFC 6750 section 3.1). `'again'`: it is, and
   * the request is to be sent once more with what {@link TokenServer.attach} says now. Read a `clone()` of its body only.
   */
  readonly isRefusal: (exchange: {
    readonly request: RequestParts;
    readonly response: Response;
  }) => boolean | 'again' | Promise<boolean | 'again'>;
  /** Tokens that a resource's answer carries. Of two, the later to expire wins. */
  readonly adopt?: (response: Response, tokens: Tokens) => Tokens | undefined;
  /** Invalidates the tokens at the server (RFC 7009). Failing is not an error of the session. */
  readonly revoke?: (tokens: Tokens, context: ServerContext) => Promise<void>;
  /**
   * Finds out, without presenting the refresh token, whether a rotation whose answer was lost has landed. Lives are counted
   * from when that rotation was sent.
   */
  readonly probe?: (tokens: Tokens, context: ServerContext) => Promise<RotationOutcome>;
  /** Default `{}`: present again without limit. */
  readonly lostAnswer?: LostAnswer | undefined;
  /** Send rotations with `keepalive`, so that their cookies land even when the tab is gone. Default `false`. */
  readonly keepalive?: boolean | undefined;
}

/** Why a session ended. */
export type EndReason =
  /** Somebody signed out, here or in another tab. */
  | 'signed-out'
  /** The server knows the refresh token no more. */
  | 'rejected'
  /** Nobody used the app for too long. */
  | 'idle'
  /** The session reached the age that the app allows. */
  | 'max-age'
  /** The refresh token reached its own end. */
  | 'expired'
  /** A rotation's answer was lost, and the server's rules forbid to ask again. */
  | 'interrupted'
  /** Somebody else signed in. */
  | 'replaced';

/** What a session with tokens tells. Instants are epoch milliseconds. */
export interface LiveState {
  /** How many rotations this sign-in has seen. */
  readonly generation: number;
  /** When the access token expires. Absent: unknown. */
  readonly expiresAt?: number | undefined;
  /** When the next rotation is due, if anything keeps the session alive (see `keepAlive`). Absent: its time cannot be known. */
  readonly rotateAt?: number | undefined;
  /** When the session ends at the latest. Absent: unknown. */
  readonly endsAt?: number | undefined;
  /** Who is signed in, as given to `start` or as the tokens say. A hint, never authorization. */
  readonly user?: string | undefined;
}

/** The one state of a session. Replaced only when something in it changed. */
export type SessionState =
  /** The stored record has not been read yet. */
  | { readonly status: 'restoring' }
  /** Nobody is signed in. */
  | { readonly status: 'absent' }
  /** Signed in, with a good access token. */
  | ({ readonly status: 'active' } & LiveState)
  /** Signed in, but the access token is dead or the server is out of reach. `retryAt`: the next try. */
  | ({ readonly status: 'stale'; readonly retryAt?: number | undefined } & LiveState)
  /** The session is over. */
  | { readonly status: 'ended'; readonly reason: EndReason };

/** What caused a rotation. */
export type RotationCause = 'timer' | 'request' | 'refusal' | 'user';

/** What {@link Session.on} tells, by event name. */
export interface SessionEvents {
  /** Somebody signed in, here or, as the same user, in another tab. */
  readonly started: { readonly user?: string | undefined };
  /** New tokens arrived. `resent`: a refresh token was presented more than once. `here`: by this tab. */
  readonly rotated: {
    readonly generation: number;
    readonly cause: RotationCause;
    readonly resent: boolean;
    readonly here: boolean;
  };
  /** The access token is dead, or the server is out of reach. */
  readonly stale: { readonly retryAt?: number | undefined };
  /** Good again after `stale`. */
  readonly recovered: { readonly generation: number };
  /** The session is about to reach a limit. */
  readonly warning: { readonly reason: 'idle' | 'max-age' | 'expired'; readonly endsAt: number };
  /** The session is over. */
  readonly ended: { readonly reason: EndReason };
}

/** One structured line for a {@link SessionOptions.logger}. Never holds any part of a token. */
export interface LogRecord {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What happened, a stable name: `rotation.rotated`, `rotation.unknown`, `storage.failed`, … */
  readonly event: string;
  /** Facts about it: numbers, names, statuses. */
  readonly facts: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Options of `createSession`. Durations are seconds. */
export interface SessionOptions {
  /** How to get the next tokens, how to attach them, what a refusal looks like. */
  readonly server: TokenServer;
  /**
   * URLs that may see the token, absolute or relative to the page: exact origin, path at or below.
   * Only https, loopback, or the page's own origin. Default: the page's own origin.
   */
  readonly resources?: readonly string[];
  /** URLs inside `resources` that never get a token and never wait. Default: none. The server's own endpoints always count. */
  readonly except?: readonly string[];
  /** Namespace of storage, lock and channel. Default `'holdfast'`. */
  readonly name?: string;
  /**
   * `'indexeddb'`: survives a reload and a restart, sealed. `'memory'`: no token on disk; a new or reloaded tab gets
   * them from a living one, sealed on the way, and the session ends with the last tab. Default `'indexeddb'`.
   */
  readonly storage?: 'indexeddb' | 'memory';
  /**
   * A token counts as dead so many seconds BEFORE it expires. Default: 30, or a quarter of its life where
   * that is less. A given value is kept unless it reaches the token's life.
   */
  readonly leeway?: number;
  /**
   * When to rotate, as fractions of `life - leeway`: a random point between the two numbers.
   * Default `{ first: [0.3, 0.9], later: [0.75, 0.9] }`.
   */
  readonly schedule?: {
    readonly first?: readonly [from: number, to: number];
    readonly later?: readonly [from: number, to: number];
  };
  /**
   * When to rotate without being asked: `'always'`; only while the page is `'visible'`; only after the user was
   * `'active'` since the last rotation; or on `'demand'`, when a request finds a dead token. Default `'always'`.
   */
  readonly keepAlive?: 'always' | 'visible' | 'active' | 'demand';
  /**
   * How many seconds a request waits for a rotation in flight while its token is still good; then it goes
   * with that token. 0: never, `Infinity`: always. With a dead token it always waits. Default 1.
   */
  readonly patience?: number;
  /** Bounds of the waiting requests: how many, and for how many seconds each. Default `{ limit: 10000, timeout: 60 }`. */
  readonly queue?: { readonly limit?: number; readonly timeout?: number };
  /** A request to a resource without a session goes `'anonymous'` or is `'reject'`ed. Default `'anonymous'`. */
  readonly signedOut?: 'anonymous' | 'reject';
  /** Receives structured records. What it throws is reported like a listener's error. */
  readonly logger?: (record: LogRecord) => void;
}

/** A snapshot of the inner workings, for panels and bug reports. Holds no part of a token. */
export interface Inspection {
  readonly state: SessionState;
  /** This tab's random name. */
  readonly tab: string;
  /** Whether this tab is the one that rotates when nobody asks. A hint: for a moment none or two may say so. */
  readonly role: 'leader' | 'follower';
  /** Milliseconds since this sign-in began. */
  readonly age?: number | undefined;
  /** How many rotations there were in it. */
  readonly generation?: number | undefined;
  /** The last rotation: when, what for, by which tab, and whether a refresh token was presented again. */
  readonly lastRotation?: Rotation | undefined;
  /** A refresh token was sent, and no answer is stored yet. `resends`: how often it was presented again. */
  readonly attempt?: { readonly sentAt: number; readonly resends: number } | undefined;
  /** Requests that wait for a rotation. */
  readonly waiting: number;
  /** Failed tries since the last good rotation. */
  readonly failures: number;
  /** Milliseconds by which the server's clock is ahead of ours, as far as known. */
  readonly skew: number;
  /** Platform features that are not there, by name: `'indexedDB'`, `'crypto.subtle'`, `'locks'`, `'worker'`, … */
  readonly missing: readonly string[];
}

/** Facts about a finished rotation. */
export interface Rotation {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly cause: RotationCause;
  readonly tab: string;
  readonly resent: boolean;
}

/** A session that is kept. Every member is bound: it can be passed around on its own. */
export interface Session {
  /**
   * Begins a session with the token response of any login, as it came. Takes effect at once: requests made
   * after the call wait for it, and reject if it does.
   *
   * @param response The parsed JSON body, or the object a login library made of it.
   * @param options `user` says who it is where the tokens do not. Default: `iss` and `sub` of the tokens.
   * @throws TypeError (rejected) naming the field, when the response is not a good token response. Whatever
   * session there was goes on.
   */
  readonly start: (response: unknown, options?: { readonly user?: string }) => Promise<void>;
  /**
   * Fetch, with the access token on requests to `resources`. Same signature as the platform's.
   *
   * A request waits while the token is dead; with `keepalive: true` it goes at once. One with an `Authorization`
   * of its own, or in `no-cors` mode, goes out as it came. When the server refuses the token, the request is
   * sent once more with the next one.
   *
   * @throws SessionEndedError, RotationError, QueueTimeoutError, QueueFullError, BodyNotReplayableError
   * (rejected); the signal's reason when it is aborted; whatever native fetch rejects with.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * The access token, for what is not fetch. Rotates first when less than `minValidity` seconds (default 0) are
   * left of it, unless it is as fresh as one can be had: a quarter of its life old at most.
   *
   * @throws SessionEndedError, RotationError, QueueTimeoutError, QueueFullError (rejected).
   */
  readonly token: (options?: { readonly minValidity?: number; readonly signal?: AbortSignal }) => Promise<string>;
  /**
   * Rotates now, at most every 10 seconds. Joins a rotation that is in flight.
   *
   * @throws SessionEndedError, or RotationError (rejected): also when it is too soon, with `retryAt`.
   */
  readonly rotate: () => Promise<void>;
  /**
   * Ends the session, in every tab and at the server. Resolves when the tokens are wiped and the tabs are
   * told; revocation goes on in the background. Never rejects.
   */
  readonly end: (options?: { readonly reason?: EndReason }) => Promise<void>;
  /** Counts as the user's activity, for `keepAlive: 'active'`. */
  readonly touch: () => void;
  /** Calls the listener at each event of that type. Returns its undo; `signal` removes it as well. */
  readonly on: <Type extends keyof SessionEvents>(
    type: Type,
    listener: (event: SessionEvents[Type]) => void,
    options?: { readonly signal?: AbortSignal },
  ) => Undo;
  /** Calls the listener after each change of `state`. */
  readonly subscribe: (listener: () => void) => Undo;
  /** The state as it is now. The same object until something changes. */
  readonly state: SessionState;
  /** Resolves when the stored record has been read, without the network. Never rejects. */
  readonly ready: Promise<void>;
  /** A snapshot of the inner workings. */
  readonly inspect: () => Inspection;
  /** Stops timers and listeners of this tab and rejects what waits. The session itself lives on in the others. */
  readonly dispose: () => void;
}
