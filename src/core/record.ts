/** The one record that all tabs share, and the only changes that may be made to it. */
import type { Failures, Skew } from './timing.ts';
import type { EndReason, Rotation } from './types.ts';

/** The record's layout. A record with a higher number belongs to a newer version and is left untouched. */
const SCHEMA = 1;

/** So many epochs back a record knows what it has replaced. */
const REMEMBERED = 8;

/** A refresh token was, or is about to be, presented, and no answer is stored yet. */
export interface Attempt {
  readonly id: string;
  /** When the claim was made, in epoch milliseconds. The request left at or after it. */
  readonly sentAt: number;
  /** When the first of several presentations was made. */
  readonly firstSentAt: number;
  /** The claim stands until then. */
  readonly until: number;
  /** How often the token was presented again. */
  readonly resends: number;
  /** The request is over, its answer is lost: nobody needs to wait for it. */
  readonly lost?: boolean | undefined;
  /** The server was asked by other means, and the rotation had not landed. */
  readonly probed?: boolean | undefined;
}

export interface SessionRecord {
  readonly schema: number;
  /** A fresh random id for each sign-in. */
  readonly epoch: string;
  readonly startedAt: number;
  /** The epochs that stood here before, the latest first. */
  readonly replaced?: readonly string[] | undefined;
  /** Counts the rotations of this epoch. */
  readonly generation: number;
  readonly user?: string | undefined;
  /** The tokens, sealed. Absent when ended. */
  readonly sealed?: unknown;
  /** What they are bound to. In one record with them, so that neither is ever written or wiped without the other. */
  readonly key?: CryptoKeyPair | undefined;
  /** When the request for these tokens left. */
  readonly sentAt: number;
  readonly life?: number | undefined;
  readonly rotateAt?: number | undefined;
  readonly endsAt?: number | undefined;
  readonly attempt?: Attempt | undefined;
  readonly failures?: Failures | undefined;
  readonly skew?: Skew | undefined;
  /** When the user last asked for a rotation. */
  readonly forcedAt?: number | undefined;
  readonly last?: Rotation | undefined;
  readonly ended?: EndReason | undefined;
  /** A rotation was in flight at the sign-out: from then on, in epoch milliseconds, its cookies are to be signed out as well. */
  readonly logoutPending?: number | undefined;
}

/** What comes with a new generation. */
export type Renewal = Pick<SessionRecord, 'sealed' | 'sentAt' | 'life' | 'rotateAt' | 'endsAt' | 'skew' | 'last'>;

/**
 * What was stored, if it can be a record. Anything else, however it came there, is no session.
 *
 * @throws when a newer version has stored it: it is left as it is.
 */
export function readRecord(stored: unknown): SessionRecord | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const record = stored as { readonly [Field in Exclude<keyof SessionRecord, 'failures'>]?: unknown } & {
    readonly failures?: { readonly recent?: unknown } | null;
  };
  if (typeof record.schema === 'number' && record.schema > SCHEMA)
    throw new Error('The session was stored by a newer version of holdfast. It is left as it is.');
  const { epoch, generation } = record;
  const isRecord =
    record.schema === SCHEMA &&
    typeof epoch === 'string' &&
    epoch !== '' &&
    typeof generation === 'number' &&
    Number.isSafeInteger(generation) &&
    generation >= 0 &&
    [record.rotateAt, record.life, record.endsAt, record.logoutPending].every((instant) =>
      ['number', 'undefined'].includes(typeof instant),
    ) &&
    ['string', 'undefined'].includes(typeof record.user) &&
    (record.replaced === undefined || Array.isArray(record.replaced)) &&
    (record.failures === undefined || Array.isArray(record.failures?.recent)) &&
    [record.sentAt, record.startedAt].every(Number.isFinite);
  return isRecord ? (stored as SessionRecord) : undefined;
}

/** Whether this is the living record of that epoch at that generation. Every write depends on it. */
export function isAt(record: SessionRecord | undefined, epoch: string, generation: number): record is SessionRecord {
  return record?.epoch === epoch && record.generation === generation && record.ended === undefined;
}

/** Whether both are known to be sessions of one person. Of the same epoch they are. */
export function isSamePerson(one: SessionRecord, other: SessionRecord): boolean {
  return one.epoch === other.epoch || (one.user !== undefined && one.user === other.user);
}

/**
 * Which of two attempts is the later: each counts one resend more than the one it follows. Of equals the stored one, unless
 * it is an earlier claim, or this one, of which a tab that put it back did not know that it had led to nothing.
 */
export function laterOf(stored: Attempt | undefined, known: Attempt | undefined): Attempt | undefined {
  if (stored === undefined || known === undefined) return stored ?? known;
  const isEarlier = !stored.lost && stored.sentAt <= known.sentAt;
  return known.resends > stored.resends - (isEarlier ? 1 : 0) ? known : stored;
}

export function begun(
  epoch: string,
  first: Renewal & Pick<SessionRecord, 'key' | 'startedAt' | 'user'>,
): SessionRecord {
  return { schema: SCHEMA, epoch, generation: 0, ...first };
}

/** A new epoch in the place of what is stored. */
export function replacing(stored: SessionRecord | undefined, first: SessionRecord): SessionRecord {
  if (stored === undefined || stored.epoch === first.epoch) return first;
  const epochs = new Set([stored.epoch, ...(stored.replaced ?? []), ...(first.replaced ?? [])]);
  return { ...first, replaced: [...epochs].slice(0, REMEMBERED) };
}

export function claimed(record: SessionRecord, attempt: Attempt, forcedAt: number | undefined): SessionRecord {
  return { ...record, attempt, forcedAt: forcedAt ?? record.forcedAt };
}

/** The next generation. Recent failures are kept for the budget of tries, their count is not. */
export function renewed(record: SessionRecord, renewal: Renewal): SessionRecord {
  const { failures } = record;
  return {
    ...record,
    ...renewal,
    generation: record.generation + 1,
    attempt: undefined,
    failures: failures && { count: 0, recent: failures.recent, retryAt: 0 },
  };
}

/** A failed try: `attempt` is what remains in doubt, if anything. */
export function failed(record: SessionRecord, failures: Failures, attempt: Attempt | undefined): SessionRecord {
  return { ...record, failures, attempt };
}

/** The epoch is over and its tokens are wiped; what remains tells the other tabs. */
export function ended(record: SessionRecord, reason: EndReason, logoutPending?: number): SessionRecord {
  const { schema, epoch, startedAt, replaced, generation, user, sentAt, last } = record;
  return { schema, epoch, startedAt, replaced, generation, user, sentAt, last, ended: reason, logoutPending };
}
