/** This tab's view of the shared record: what it last read of it, with the tokens opened. */
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import { askFor, tokensOf, type Handed } from './handover.ts';
import { contextOf, dateOf, doubtOf, isDead, isReplacedBy, type Held } from './held.ts';
import type { Ports } from './ports.ts';
import { isSamePerson, laterOf, type SessionRecord } from './record.ts';
import type { Store } from './state.ts';
import { momentOf, retryAt } from './timing.ts';
import type { EndReason } from './types.ts';

/** So many questions with a dead token that nobody answers, and the tokens are gone with the tabs that held them. */
const QUESTIONS = 8;

/** What is taken over, now unless it says otherwise. */
type Taken = Omit<Held, 'takenAt'> & Partial<Pick<Held, 'takenAt'>>;

export interface View {
  readonly held: () => Held | undefined;
  /** The session that was stored when this tab came, while nobody has given it the tokens. */
  readonly unopened: () => SessionRecord | undefined;
  /** The record as it was last read: this tab may lack the tokens that it stands for. */
  readonly seen: () => SessionRecord | undefined;
  /** Makes it what this tab holds. What was only restored from storage is no start. */
  readonly take: (held: Taken, isRestored?: boolean) => void;
  /** Forgets the tokens, here only. */
  readonly forget: (reason: EndReason) => void;
  /** Takes over what the record, as it was just read or written, says. */
  readonly follow: (record: SessionRecord | undefined) => Promise<void>;
  /** Re-reads the record and takes over what it says. Joins a read that is under way. Whether it could be read; never rejects. */
  readonly read: () => Promise<boolean>;
  /** Reads after a time in which this tab may have slept: until it is done, nothing may be attached. */
  readonly recheck: () => Promise<boolean>;
  /** Asks the other tabs for newer tokens than storage has, and takes them over. Whether there were any; never rejects. */
  readonly ask: () => Promise<boolean>;
  /** The recheck that is under way. */
  readonly rechecking: () => Promise<boolean> | undefined;
  /** Brings the state up to date with the time. */
  readonly refresh: () => void;
  /** Calls the listener after each change of what is held. */
  readonly onChange: (listener: () => void) => void;
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
  let seen: SessionRecord | undefined;
  let unopened: SessionRecord | undefined;
  /** What was stored before this tab came has been looked at: what comes later is another tab's doing. */
  let hasRead = false;
  let reading: Promise<boolean> | undefined;
  let rechecking: Promise<boolean> | undefined;
  /** How often nobody has answered for what the record names. */
  let unanswered = { epoch: '', times: 0 };

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
    unopened: () => unopened,
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
    ask,
    rechecking: () => rechecking,
    refresh,
    onChange: (listener) => void listeners.push(listener),
  };

  function take(next: Taken, isRestored = false): void {
    const before = held;
    const { record, tokens } = next;
    held = {
      takenAt: clock.monotonic(),
      ...next,
      tokens: tokens.key === record.key ? tokens : { ...tokens, key: record.key },
    };
    unopened = undefined;
    hasRead = true;
    unanswered = { epoch: '', times: 0 };
    if (next.isStored) seen = next.record;
    const mine = held;
    refresh();
    // A subscriber may have ended it.
    if (held !== mine) return;
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
    unopened = undefined;
    store.dispatch({ type: 'ended', reason });
    for (const listener of listeners) listener();
  }

  function refresh(): void {
    if (held === undefined) return;
    const { endsAt, failures, generation, life, rotateAt, sentAt, user } = held.record;
    const isFailing = failures !== undefined && failures.count > 0 && !failures.isEarly;
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
      // Which of the two is the newer only another look can tell.
      if (before !== held) return await readOnce();
      await follow(record);
      return true;
    } catch (error) {
      log('error', 'storage.failed', { operation: 'read', error: String(error) });
      if (held !== undefined && vault.isBuried(held.record.epoch)) forget('signed-out');
      return false;
    }
  }

  async function follow(record: SessionRecord | undefined): Promise<void> {
    const before = held;
    seen = record;
    if (record === undefined) {
      hasRead = true;
      if (before === undefined) store.dispatch({ type: 'nothing-stored' });
      else await restore();
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
      if (isReplacedBy(before, record, momentOf(clock))) keep(before);
      else if (reason === undefined && isSamePerson(record, before.record)) await open(record, before);
      else forget('replaced');
    } else if (reason !== undefined) {
      // What a rotation of it wins yet is to be revoked, though the same person may be back by then.
      if (reason === 'signed-out') vault.bury(record.epoch);
      forget(reason);
    } else if (record.generation < before.record.generation) {
      // Storage lost a write that it had acknowledged.
      keep(before);
    } else if (record.generation > before.record.generation || record.sentAt !== before.record.sentAt) {
      // Also where two have won the same generation: the one that is stored counts.
      await open(record, before);
    } else {
      // A doubt stays one at its generation: a record without it, or with an earlier one, was put back by a tab that did not know of it.
      const doubt = doubtOf(before);
      held = { ...before, record: { ...record, attempt: laterOf(record.attempt, doubt) }, doubt, isStored: true };
      refresh();
    }
  }

  /** Goes on with what is not stored any more. */
  function keep(before: Held): void {
    if (vault.isBuried(before.record.epoch)) return forget('signed-out');
    held = { ...before, isStored: false };
    for (const listener of listeners) listener();
  }

  async function open(record: SessionRecord, before: Held | undefined): Promise<void> {
    let found: Handed | undefined;
    try {
      found = await tokensOf(record, ports);
    } catch (error) {
      log('error', 'storage.unreadable', { error: String(error) });
      if (held === before && before !== undefined) forget('interrupted');
    }
    if (held !== before) return;
    // Somebody may have signed out while the other tabs were asked: then what was here before is over as well.
    if (vault.isBuried(record.epoch)) {
      if (before !== undefined) return forget(record.epoch === before.record.epoch ? 'signed-out' : 'replaced');
      found = undefined;
    }
    if (found !== undefined) takeOver(found, found.record.generation === record.generation, before === undefined);
    else if (before === undefined) {
      unopened = record;
      store.dispatch({ type: 'nothing-stored' });
    } else missTokens(record, before);
  }

  function takeOver(found: Handed, isStored: boolean, isRestored: boolean): void {
    take({ ...dateOf(found.record, momentOf(clock)), ...found, isStored }, isRestored);
  }

  /** No tab has what the record names. One that is busy may answer yet. */
  function missTokens(record: SessionRecord, before: Held): void {
    const { epoch } = record;
    log('warn', 'handover.unanswered', { generation: record.generation });
    if (!isDead(before, momentOf(clock), leeway)) return;
    unanswered = { epoch, times: unanswered.epoch === epoch ? unanswered.times + 1 : 1 };
    if (unanswered.times >= QUESTIONS) forget('interrupted');
  }

  async function ask(): Promise<boolean> {
    const before = held?.record;
    if (before === undefined) return false;
    const found = await askFor({ ...before, generation: before.generation + 1 }, ports);
    if (found === undefined || held?.record.epoch !== before.epoch) return false;
    if (held.record.generation < found.record.generation) takeOver(found, false, false);
    return true;
  }

  /** The database was deleted under a living session: put it back, as the tab that knows most of it holds it. */
  async function restore(): Promise<void> {
    await ask();
    const before = held;
    if (before === undefined) return;
    if (vault.isBuried(before.record.epoch)) return forget('signed-out');
    log('warn', 'storage.restored');
    const sealed = await seal.seal(JSON.stringify(before.tokens), contextOf(before.record));
    const record = await vault.update((stored) =>
      stored === undefined && held === before && !vault.isBuried(before.record.epoch)
        ? { ...before.record, sealed }
        : undefined,
    );
    if (record !== undefined) await follow(record);
  }
}
