/** This tab's view of the shared record: what it last read of it, with the tokens opened. */
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import type { Ports } from './ports.ts';
import { isSamePerson, type SessionRecord } from './record.ts';
import type { Store } from './state.ts';
import { leewayOf, momentOf, retryAt, since, type Moment } from './timing.ts';
import { readStoredTokens } from './tokens.ts';
import type { EndReason, Tokens } from './types.ts';

/** One generation as this tab holds it. */
export interface Held {
  readonly record: SessionRecord;
  readonly tokens: Tokens;
  /** When the request for these tokens left, by both clocks. */
  readonly sent: Moment;
  /** The record was written before the clock was set back: how old the tokens are cannot be told, so they count as dead. */
  readonly isUndated?: boolean;
  /** The epoch that storage still holds because it refused this one. */
  readonly replaces?: string | undefined;
  /** False when storage refused these tokens: they live in memory only, and the record still names the ones before. */
  readonly isStored: boolean;
}

export interface View {
  readonly held: () => Held | undefined;
  /** The epoch that the record named when it was last read. */
  readonly seen: () => string | undefined;
  /** Makes it what this tab holds. What was only restored from storage is no start. */
  readonly take: (held: Held, isRestored?: boolean) => void;
  /** Forgets the tokens, here only. */
  readonly forget: (reason: EndReason) => void;
  /** Takes over what the record, as it was just read or written, says. */
  readonly follow: (record: SessionRecord | undefined) => Promise<void>;
  /** Re-reads the record and takes over what it says. Joins a read that is under way. Whether it could be read; never rejects. */
  readonly read: () => Promise<boolean>;
  /** Reads after a time in which this tab may have slept: until it is done, nothing may be attached. */
  readonly recheck: () => Promise<boolean>;
  /** The recheck that is under way. */
  readonly rechecking: () => Promise<boolean> | undefined;
  /** Brings the state up to date with the time. */
  readonly refresh: () => void;
  /** Calls the listener after each change of what is held. */
  readonly onChange: (listener: () => void) => void;
}

/** What a record's tokens are sealed for: they open nowhere else. */
export function contextOf(record: { readonly epoch: string; readonly generation: number }): string {
  return `${record.epoch} ${record.generation}`;
}

export interface ViewOptions {
  readonly ports: Ports;
  readonly leeway: number | undefined;
  readonly tab: string;
  readonly store: Store;
  readonly events: Events;
  readonly log: Log;
  /** Whether a request waits for new tokens. */
  readonly isWaiting: () => boolean;
}

export function createView({ events, isWaiting, leeway, log, ports, store, tab }: ViewOptions): View {
  const { clock, seal, vault } = ports;
  const listeners: (() => void)[] = [];
  let held: Held | undefined;
  let seen: string | undefined;
  /** What was stored before this tab came has been looked at: what comes later is another tab's doing. */
  let hasRead = false;
  let reading: Promise<boolean> | undefined;
  let rechecking: Promise<boolean> | undefined;

  const read = (): Promise<boolean> => {
    if (reading !== undefined) return reading;
    const flight = readOnce().finally(() => {
      if (reading === flight) reading = undefined;
    });
    reading = flight;
    return flight;
  };
  return {
    held: () => held,
    seen: () => seen,
    take,
    forget,
    follow,
    read,
    recheck: () => {
      // A read that is under way may have begun before whatever gave the reason to look.
      const flight = (reading ?? Promise.resolve()).then(read).finally(() => {
        if (rechecking === flight) rechecking = undefined;
      });
      rechecking = flight;
      return flight;
    },
    rechecking: () => rechecking,
    refresh,
    onChange: (listener) => void listeners.push(listener),
  };

  function take(next: Held, isRestored = false): void {
    const before = held;
    held = next;
    hasRead = true;
    if (next.isStored) seen = next.record.epoch;
    refresh();
    const { epoch, generation, last, user } = next.record;
    if (before?.record.epoch !== epoch) {
      if (!isRestored) events.emit('started', { user });
    } else if (before.record.generation < generation && last !== undefined) {
      events.emit('rotated', { generation, cause: last.cause, resent: last.resent, here: last.tab === tab });
    }
    for (const listener of listeners) listener();
  }

  function forget(reason: EndReason): void {
    held = undefined;
    store.dispatch({ type: 'ended', reason });
    for (const listener of listeners) listener();
  }

  function refresh(): void {
    if (held === undefined) return;
    const { endsAt, failures, generation, life, rotateAt, sentAt, user } = held.record;
    const isFailing = failures !== undefined && failures.count > 0;
    store.dispatch({
      type: 'held',
      live: { generation, expiresAt: life === undefined ? undefined : sentAt + life, rotateAt, endsAt, user },
      isDead: isDead(held, momentOf(clock), leeway),
      retryAt: isFailing ? retryAt(failures, isWaiting()) : undefined,
    });
  }

  async function readOnce(): Promise<boolean> {
    const before = held;
    try {
      const record = await vault.read();
      if (held === before) await follow(record);
      return true;
    } catch (error) {
      log('error', 'storage.failed', { operation: 'read', error: String(error) });
      if (held !== undefined && vault.isBuried(held.record.epoch)) forget('signed-out');
      return false;
    }
  }

  async function follow(record: SessionRecord | undefined): Promise<void> {
    const before = held;
    seen = record?.epoch;
    if (record === undefined) {
      hasRead = true;
      if (before === undefined) store.dispatch({ type: 'nothing-stored' });
      else await restore(before);
      return;
    }
    const reason = record.ended ?? (vault.isBuried(record.epoch) ? 'signed-out' : undefined);
    if (before === undefined) {
      // Only a tab that starts takes a session from the record: nobody is signed in by another tab's doing.
      if (hasRead) return;
      hasRead = true;
      if (reason === undefined) await open(record, before);
      else store.dispatch({ type: 'nothing-stored' });
    } else if (record.epoch !== before.record.epoch) {
      // What storage refused at our own sign-in is not replaced by what it still holds from before.
      if (!before.isStored && isReplacedBy(before, record)) return;
      if (reason === undefined && isSamePerson(record, before.record)) await open(record, before);
      else forget('replaced');
    } else if (reason !== undefined) {
      forget(reason);
    } else if (record.generation > before.record.generation) {
      await open(record, before);
    } else if (record.generation === before.record.generation) {
      held = { ...before, record, isStored: true };
      refresh();
    } else {
      held = { ...before, isStored: false }; // Storage lost a write that it had acknowledged.
    }
  }

  async function open(record: SessionRecord, before: Held | undefined): Promise<void> {
    try {
      const tokens = readStoredTokens(await seal.open(record.sealed, contextOf(record)));
      if (held === before)
        take({ record, tokens, ...dateOf(record, momentOf(clock)), isStored: true }, before === undefined);
    } catch (error) {
      log('error', 'storage.unreadable', { error: String(error) });
      if (held !== before) return;
      if (before === undefined) store.dispatch({ type: 'nothing-stored' });
      else forget('interrupted');
    }
  }

  /** The database was deleted under a living session: put it back. */
  async function restore(before: Held): Promise<void> {
    if (vault.isBuried(before.record.epoch)) return forget('signed-out');
    log('warn', 'storage.restored');
    const sealed = await seal.seal(JSON.stringify(before.tokens), contextOf(before.record));
    const record = await vault.update((stored) =>
      stored === undefined && held === before ? { ...before.record, sealed } : undefined,
    );
    if (record !== undefined) await follow(record);
  }
}

/** Whether the stored record is the one that an unstored sign-in of ours took the place of. */
export function isReplacedBy({ record, replaces }: Held, stored: SessionRecord): boolean {
  if (record.generation > 0) return false;
  return replaces === undefined ? stored.startedAt <= record.startedAt : stored.epoch === replaces;
}

/** When the tokens of a stored record were sent for, by both clocks. */
function dateOf({ sentAt }: SessionRecord, now: Moment): Pick<Held, 'sent' | 'isUndated'> {
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
export function isExpired({ record: { life }, sent }: Held, now: Moment): boolean {
  return life !== undefined && since(sent, now) >= life;
}

/** How long from now until the token, or its schedule, has reached this age. */
export function timeUntil(age: number, { sent }: Held, now: Moment): number {
  return age - since(sent, now);
}
