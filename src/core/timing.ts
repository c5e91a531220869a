/** When to rotate, when to try again, when a token is dead: arithmetic over milliseconds, with the dice passed in. */

/** A rotation's request is given up after this long. */
export const REQUEST_LIMIT = 15_000;
/** The same where asking again may cost the session, and no request has to go on. */
export const LONGEST_REQUEST = 45_000;
/** How long a claim to rotate stands. Longer than its request can last. */
export const LEASE = 20_000;
/** How often a tab looks whether another tab's rotation is done. */
export const POLL = 250;
/** How often a tab that is offline looks whether it still is, should the event be missed. */
export const POLL_ONLINE = 15_000;
/** How long after the leader was due the other tabs step in. */
export const WATCHDOG = 2_000;
/** How long a tab that asks the others for tokens waits for an answer. */
export const ASK_TIME = 1_000;
/** A storage operation fails after this long: a tab frozen inside a transaction blocks all others. */
export const STORAGE_TIMEOUT = 5_000;
/** The user's own `rotate()` goes at most once in this time. */
export const USER_INTERVAL = 10_000;
/** After a rotation that a refusal caused, refusals cause none for this long: an API that always says 401 must not spin. */
export const REFUSAL_INTERVAL = 60_000;

const FLOOR = 1_000;
const CAP_WAITING = 60_000;
const CAP_IDLE = 300_000;
const RETRY_AFTER_CAP = 3_600_000;
const WINDOW = 60_000;
const TRIES_PER_WINDOW = 6;
const DEFAULT_LEEWAY = 30_000;

/** Lives beyond a century are cut to one: every instant stays one that `Date` can hold and an alarm chain can reach. */
export const MAX_LIFE = 100 * 365.25 * 24 * 3_600_000;

/** How long before its expiry a token counts as dead. A given leeway is kept unless it reaches the life. */
export function leewayOf(life: number, given: number | undefined): number {
  return given !== undefined && given < life ? given : Math.min(DEFAULT_LEEWAY, life / 4);
}

/** Tokens that live shorter are not chased. */
export const SHORTEST_LIFE = 2_000;

/** The least time between two rotations. */
export function leastInterval(life: number | undefined): number {
  return life !== undefined && life < SHORTEST_LIFE ? 6_000 : 1_000;
}

/** How long after sending to rotate: a random point in the range, as fractions of the usable life. */
export function rotateAfter(life: number, leeway: number, [from, to]: readonly [number, number], roll: number): number {
  return Math.max(leastInterval(life), (life - leeway) * (from + (to - from) * roll));
}

/** A moment by both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export function momentOf(clock: { readonly now: () => number; readonly monotonic: () => number }): Moment {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/** The moment so many milliseconds before. */
export function before(now: Moment, milliseconds: number): Moment {
  return { wall: now.wall - milliseconds, monotonic: now.monotonic - milliseconds };
}

/** How long ago: by the clock that says more, since one may have been set back and the other stood still. */
export function since(then: Moment, now: Moment): number {
  return Math.max(now.wall - then.wall, now.monotonic - then.monotonic);
}

/** What is known of failed tries, over all tabs. */
export interface Failures {
  /** Failed tries since the last good one. */
  readonly count: number;
  /** When the last few failed. */
  readonly recent: readonly number[];
  /** When to try again. */
  readonly retryAt: number;
  /** What the server asked for with `Retry-After`. */
  readonly heldUntil?: number | undefined;
  /** The last try was only too early: the server is well. */
  readonly isEarly?: boolean | undefined;
}

/**
 * The failures with one more: full jitter over a floor of 1 s and never more than 6 tries a minute. The
 * server's `Retry-After` is a floor, with jitter of its own so that its clients do not return as one.
 */
export function failedAgain(
  before: Failures | undefined,
  at: {
    readonly now: number;
    readonly roll: number;
    readonly waiting: boolean;
    readonly retryAfter?: number | undefined;
    readonly isEarly?: boolean;
  },
): Failures {
  const count = (before?.count ?? 0) + 1;
  const recent = [...(before?.recent ?? []).filter((then) => then > at.now - WINDOW && then <= at.now), at.now];
  const cap = at.waiting ? CAP_WAITING : CAP_IDLE;
  let retryAt = at.now + FLOOR + at.roll * Math.min(cap - FLOOR, 1_000 * 2 ** Math.min(count, 20));
  const sixth = recent.at(-TRIES_PER_WINDOW);
  if (sixth !== undefined) retryAt = Math.max(retryAt, sixth + WINDOW);
  // What the server has asked for stands, whatever came of a later try.
  let heldUntil = (before?.recent.at(-1) ?? 0) > at.now ? 0 : (before?.heldUntil ?? 0);
  if (at.retryAfter !== undefined) {
    const wait = Math.min(at.retryAfter, RETRY_AFTER_CAP);
    heldUntil = Math.max(heldUntil, at.now + wait + at.roll * Math.max(10_000, wait));
  }
  return { count, recent, retryAt: Math.max(retryAt, heldUntil), heldUntil, isEarly: at.isEarly };
}

/** How long until the next try. Failures that lie in the future were noted before the clock was set back: they are void. */
export function timeToRetry(failures: Failures | undefined, waiting: boolean, now: number): number {
  if (failures === undefined || failures.count === 0 || (failures.recent.at(-1) ?? 0) > now) return 0;
  return Math.max(0, retryAt(failures, waiting) - now);
}

/** When to try again, sooner if somebody has begun to wait since. */
export function retryAt(failures: Failures, waiting: boolean): number {
  const last = failures.recent.at(-1);
  if (!waiting || last === undefined) return failures.retryAt;
  return Math.min(failures.retryAt, Math.max(failures.heldUntil ?? 0, last + CAP_WAITING));
}

/** By how much the server's clock is ahead, and the round trip that told it. */
export interface Skew {
  readonly offset: number;
  readonly roundTrip: number;
}

/** Takes the new reading if its round trip, the bound of its error, is the shortest so far. */
export function learnSkew(
  known: Skew | undefined,
  reading: { readonly sentAt: number; readonly receivedAt: number; readonly serverTime: number },
): Skew {
  const roundTrip = reading.receivedAt - reading.sentAt;
  if (roundTrip < 0 || (known !== undefined && known.roundTrip <= roundTrip)) {
    return known ?? { offset: 0, roundTrip: Number.POSITIVE_INFINITY };
  }
  return { offset: reading.serverTime - (reading.sentAt + roundTrip / 2), roundTrip };
}
