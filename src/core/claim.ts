/** Who may present the refresh token now: the one decision that is made inside the vault's transaction. */
import { isAt, laterOf, type Attempt, type SessionRecord } from './record.ts';
import { LEASE, leastInterval, timeToRetry, USER_INTERVAL } from './timing.ts';
import type { LostAnswer, RotationCause } from './types.ts';

export type Decision =
  /** The record has moved on: take it over. */
  | { readonly do: 'adopt' }
  /** Not before this instant. */
  | { readonly do: 'wait'; readonly until: number }
  /** Another tab's request may still win. */
  | { readonly do: 'watch' }
  /** In doubt: another tab may hold what was won, and has not been asked. */
  | { readonly do: 'ask'; readonly attempt: string }
  /** In doubt, and the rules forbid to ask before the access token is dead. */
  | { readonly do: 'outlive' }
  /** In doubt: ask by other means, where there are any, and let whoever presented it store what it won. */
  | { readonly do: 'probe'; readonly doubt: Attempt }
  /** In doubt for good: the session is interrupted. */
  | { readonly do: 'interrupt' }
  /** Present the refresh token. `doubt`: an earlier presentation whose answer was lost. */
  | { readonly do: 'send'; readonly doubt?: Attempt | undefined };

export interface Question {
  readonly epoch: string;
  readonly generation: number;
  readonly cause: RotationCause;
  readonly now: number;
  /** Somebody waits for the tokens. */
  readonly waiting: boolean;
  /** The access token has expired, its leeway not counted. */
  readonly isExpired: boolean;
  /** Nobody else can still commit: the lock was granted. */
  readonly isAlone: boolean;
  /** Requests outlive the tab that sent them. */
  readonly keepalive: boolean;
  /** The attempt that has stood unchanged for a whole lease. */
  readonly watched: string | undefined;
  /** Claims of ours that never led to a request, and the doubt that each took the place of. */
  readonly unsent: ReadonlyMap<string, Attempt | undefined>;
  /** The doubt that this tab knows of, should the record have been put back without it. */
  readonly remembered: Attempt | undefined;
  /** The attempt of which it is known that no other tab holds what it won: they were asked, or it was our own. */
  readonly known: string | undefined;
  readonly lostAnswer: LostAnswer;
}

/** Decides by the record as it is inside the transaction. */
export function decide(record: SessionRecord | undefined, ask: Question): Decision {
  if (!isAt(record, ask.epoch, ask.generation)) return { do: 'adopt' };
  const stored = doubtBefore(record.attempt, ask);
  // Another tab may have called lost what we know to be unused.
  const attempt = laterOf(stored, doubtBefore(ask.remembered, ask));
  const isWatched = [record.attempt?.id, attempt?.id].includes(ask.watched);
  const isOver = stored === undefined || stored.lost || ask.isAlone || isWatched;
  if (!isOver) return { do: 'watch' };
  // Cookies of a tab that is gone land all the same: to present the old ones beside them would be a second use.
  const settled = ask.keepalive && !stored?.lost ? after(stored?.sentAt, LEASE, ask.now) : 0;
  const earliest = Math.max(earliestTry(record, ask), settled);
  if (earliest > ask.now) return { do: 'wait', until: earliest };
  if (attempt === undefined) return { do: 'send' };
  return attempt.id === ask.known ? resolveDoubt(attempt, ask) : { do: 'ask', attempt: attempt.id };
}

/** What claims of ours that never led to anything took the place of. */
function doubtBefore(attempt: Attempt | undefined, ask: Question): Attempt | undefined {
  return attempt !== undefined && ask.unsent.has(attempt.id) ? doubtBefore(ask.unsent.get(attempt.id), ask) : attempt;
}

function earliestTry(record: SessionRecord, ask: Question): number {
  const { failures, forcedAt, generation, life, sentAt } = record;
  if (ask.cause === 'user') return after(forcedAt, USER_INTERVAL, ask.now);
  const spaced = generation === 0 ? 0 : after(sentAt, leastInterval(life), ask.now);
  return Math.max(spaced, ask.now + timeToRetry(failures, ask.waiting, ask.now));
}

/** An instant counted from one in the past. One that lies in the future was written before the clock was set back: it is void. */
function after(past: number | undefined, interval: number, now: number): number {
  return past === undefined || past > now ? 0 : past + interval;
}

function resolveDoubt(attempt: Attempt, ask: Question): Decision {
  const rule = ask.lostAnswer;
  if (rule === 'probe' && ask.isExpired) {
    if (!attempt.probed) return { do: 'probe', doubt: attempt };
    if (attempt.resends === 0) return { do: 'send', doubt: attempt };
  }
  if (typeof rule === 'object') {
    const { resends = Number.POSITIVE_INFINITY, within: limit = Number.POSITIVE_INFINITY } = rule;
    const age = ask.now - attempt.firstSentAt;
    // Below zero the clock was set back since: how long ago it was cannot be told.
    const isWithin = limit === Number.POSITIVE_INFINITY || (age >= 0 && age <= limit * 1_000);
    if (attempt.resends < resends && isWithin) return { do: 'send', doubt: attempt };
  }
  if (!ask.isExpired) return { do: 'outlive' };
  // Who presented it may hold what it won and find storage open again just now, too: it has its turn first.
  return attempt.lost || attempt.probed ? { do: 'interrupt' } : { do: 'probe', doubt: attempt };
}
