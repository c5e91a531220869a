/** One generation as this tab holds it: the record, its tokens opened, and how old they are by both clocks. */
import type { Attempt, SessionRecord } from './record.ts';
import { leewayOf, since, type Moment } from './timing.ts';
import type { Tokens } from './types.ts';

export interface Held {
  readonly record: SessionRecord;
  readonly tokens: Tokens;
  /** When the request for these tokens left, by both clocks. */
  readonly sent: Moment;
  /** The record was written before the clock was set back: how old the tokens are cannot be told, so they count as dead. */
  readonly isUndated?: boolean;
  /** When the answer that brought the tokens was here: since then they have surely aged. Default: as `sent`. */
  readonly received?: Moment;
  /** When it came into this tab, by the monotonic clock: it is at least as old as the time since. */
  readonly takenAt: number;
  /** False when storage refused these tokens: they live in memory only, and the record still names the ones before. */
  readonly isStored: boolean;
  /** The attempt at this generation whose answer was lost, as this tab last read of it. */
  readonly doubt?: Attempt | undefined;
}

/** The lost attempt that this tab knows of, also where the record was put back by one that does not. */
export function doubtOf({ doubt, record: { attempt } }: Held): Attempt | undefined {
  return attempt?.lost ? attempt : doubt;
}

/** What a record's tokens are sealed for: they open nowhere else. */
export function contextOf(record: { readonly epoch: string; readonly generation: number }): string {
  return `${record.epoch} ${record.generation}`;
}

/**
 * Whether the stored record, of another epoch, gives way to ours. It does when ours took its place before: a tab
 * that had not heard of it has put it back after the database was deleted. Also where storage refused our sign-in
 * and what it holds is surely older: by as much as the wall clock was set back since, a later one may look older.
 */
export function isReplacedBy({ isStored, record, sent }: Held, stored: SessionRecord, now: Moment): boolean {
  if (record.replaced?.includes(stored.epoch)) return true;
  if (isStored || record.generation > 0 || stored.replaced?.includes(record.epoch)) return false;
  const setBack = Math.max(0, now.monotonic - sent.monotonic - (now.wall - sent.wall));
  return stored.startedAt + setBack <= record.startedAt;
}

/** When tokens were sent for, by both clocks, where only the wall's was noted. */
export function dateOf({ sentAt }: Pick<SessionRecord, 'sentAt'>, now: Moment): Pick<Held, 'sent' | 'isUndated'> {
  const age = Math.max(0, now.wall - sentAt);
  return { sent: { wall: sentAt, monotonic: now.monotonic - age }, isUndated: sentAt > now.wall };
}

/** Whether the token is to be taken for dead: `leeway` before it expires. Never, where its life is unknown. */
export function isDead(held: Held, now: Moment, leeway: number | undefined): boolean {
  return timeUntilDead(held, now, leeway) <= 0;
}

/** How long from now until the token is to be taken for dead. What no other can follow is used to its end. */
export function timeUntilDead(held: Held, now: Moment, leeway: number | undefined): number {
  const { life } = held.record;
  if (life === undefined) return Number.POSITIVE_INFINITY;
  if (held.isUndated) return 0;
  return timeUntil(held.tokens.isFinal ? life : life - leewayOf(life, leeway), held, now);
}

/** Whether the token has expired, its leeway used up. */
export function isExpired(held: Held, now: Moment): boolean {
  const { life } = held.record;
  return life !== undefined && timeUntil(life, held, now) <= 0;
}

/**
 * How long from now until the token, or its schedule, has reached this age. Where the clock was set back while the answer
 * was on its way, only the time since it came tells of a sleep.
 */
export function timeUntil(age: number, { sent, received = sent }: Held, now: Moment): number {
  return age - Math.max(since(sent, now), since(received, now));
}

/** How long until the refresh token's own end, where that is known, by whichever clock says less. */
export function timeUntilEnd(held: Held, now: Moment): number | undefined {
  const { endsAt, sentAt } = held.record;
  return endsAt === undefined ? undefined : timeUntil(endsAt - sentAt, held, now);
}

/** The same by the time that has passed in this tab alone, which neither a sleep nor a wrong clock can make too long. */
export function timeUntilSureEnd({ record: { endsAt, sentAt }, takenAt }: Held, now: Moment): number | undefined {
  return endsAt === undefined ? undefined : endsAt - sentAt - (now.monotonic - takenAt);
}
