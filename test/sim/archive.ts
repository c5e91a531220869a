/** The archive of epochs: what was written under each, how it ended and by whose will. Invariants 5 and 6, and the ends. */
import type { SessionRecord } from '../../src/core/record.ts';
import { contextOf } from '../../src/core/held.ts';
import type { EndReason, LostAnswer } from '../../src/core/types.ts';
import type { AccessToken, AuthorizationServer, Grant, RefreshToken, Rule } from './authorization-server.ts';
import { createDoubts } from './doubts.ts';
import { createEnds } from './ends.ts';
import { newEpoch, type Epoch, type Notice } from './epoch.ts';
import { isRewritten } from './jar.ts';
import type { Ledger } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { Manners } from './manners.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';
import { holdsSecret } from './secret.ts';
import { isNewer, type Write } from './storage.ts';

export interface Archive {
  /** Tokens are sealed for an epoch: it exists from here on. */
  readonly seal: (page: Page, text: string, context: string) => void;
  readonly write: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  readonly bury: (page: Page, id: string) => void;
  /** The database was deleted. */
  readonly empty: () => void;
  /** The disk has lost this write. */
  readonly lose: (write: Write) => void;
  /** The page's `end()` has resolved. */
  readonly signOut: (page: Page, pages: readonly Page[]) => void;
  /** The page has read or written this record. */
  readonly learn: (page: Page, record: SessionRecord | undefined) => void;
  /** The page says that it holds another session than before. */
  readonly adopt: (page: Page) => void;
  /** The page's sign-in is done. */
  readonly start: (page: Page, pages: readonly Page[]) => void;
  /** The page says that its session is over. */
  readonly end: (page: Page, reason: EndReason) => void;
  readonly heldBy: (page: Page) => Epoch | undefined;
  /** The access token in the record. */
  readonly tokenOf: (record: SessionRecord) => AccessToken | undefined;
  readonly readBy: (page: Page) => SessionRecord | undefined;
  /** Whether the page knows of any session, or of none: it has read the record, or ended what it had begun itself. */
  readonly knowsOf: (page: Page) => boolean;
  readonly epochOf: (grant: Grant) => Epoch | undefined;
  readonly find: (id: string) => Epoch | undefined;
  readonly epochs: () => readonly Epoch[];
  /** Why sessions ended, counted once for each epoch. */
  readonly ends: () => ReadonlyMap<string, number>;
}

export interface ArchiveOptions {
  readonly now: () => number;
  readonly referee: Referee;
  readonly ledger: Ledger;
  readonly manners: Manners;
  readonly server: AuthorizationServer;
  readonly lostAnswer: LostAnswer;
  readonly rule: Rule;
  readonly hasTombstone: boolean;
  /** Whether it is the newest cookie that is presented, and not what the record names. */
  readonly hasProbe: boolean;
  /** Whether no other tab answers this one, which asks for what the record names. */
  readonly isUnanswered: (page: Page) => boolean;
  readonly machine: Machine;
}

/** A field that only a newer version knows. */
export const NEWER = 'ofNewerVersion';

export function createArchive(options: ArchiveOptions): Archive {
  const { hasTombstone, isUnanswered, ledger, manners, now, referee, rule, server } = options;
  const epochs = new Map<string, Epoch>();
  const byGrant = new Map<Grant, Epoch>();
  /** What each page read last, is about to start, and holds. */
  const learnt = new Map<Page, Epoch>();
  const read = new Map<Page, SessionRecord | undefined>();
  const starting = new Map<Page, Epoch>();
  const held = new Map<Page, Epoch>();
  const doubts = createDoubts(ledger);
  const ends = createEnds({
    ...options,
    doubts,
    epochs: () => [...epochs.values()],
    newest: ({ id, lastGeneration }) => stored.get(contextOf({ epoch: id, generation: lastGeneration })),
  });
  /** What each page sealed, and what is stored, by epoch and generation. */
  const sealed = new Map<Page, Map<string, AccessToken>>();
  const stored = new Map<string, AccessToken>();
  /** The database was deleted, and nothing was written since. */
  let isEmptied = false;
  /** What a tab has put back since: another may hold what came after it. */
  let putBack: Epoch | undefined;
  /** The disk has lost something at some time. */
  let isLossy = false;

  const notice = (page: Page, pages: readonly Page[]): Notice => ({
    page,
    at: now(),
    active: new Map(pages.map((each) => [each, each.active()])),
  });
  const tokenIn = (text: string): AccessToken | undefined => {
    const { accessToken }: { accessToken?: unknown } = JSON.parse(text);
    return typeof accessToken === 'string' ? server.accessToken(accessToken) : undefined;
  };
  const tokenOf = (record: SessionRecord): AccessToken | undefined =>
    record.ended === undefined ? stored.get(contextOf(record)) : undefined;
  return {
    seal: (page, text, context) => {
      const [id = ''] = context.split(' ');
      const token = tokenIn(text);
      if (token === undefined) return;
      const own = sealed.get(page) ?? new Map<string, AccessToken>();
      sealed.set(page, own.set(context, token));
      if (epochs.has(id)) return;
      const epoch = newEpoch(id, token.grant, ledger.birthOf(token)?.sent.now ?? now());
      epochs.set(id, epoch);
      byGrant.set(token.grant, epoch);
      starting.set(page, epoch);
    },
    write: (page, before, after) => {
      const epoch = epochs.get(after.epoch);
      if (epoch === undefined) return referee.fail(6, 'a record without sealed tokens began an epoch');
      const isSame = before?.epoch === after.epoch;
      if (isNewer(before)) referee.fail(6, 'what a newer version had stored was overwritten');
      epoch.replacedBy = undefined;
      const replaced = isSame || before === undefined ? undefined : epochs.get(before.epoch);
      if (replaced !== undefined) {
        replaced.replacedBy = epoch;
        for (const each of [replaced, ...replaced.predecessors]) epoch.predecessors.add(each);
        // Put over one that came back after the database was deleted: of that the sign-in has told nobody.
        epoch.begun = undefined;
      }
      // To write down that it is over puts nothing back.
      const isPutBack =
        after.ended === undefined &&
        ((before === undefined && isEmptied) || (replaced !== undefined && replaced === putBack && epoch.isStored));
      if (isPutBack) putBack = epoch;
      isEmptied = false;
      // After the database was deleted a tab may have put back an older one, also one that storage had refused.
      const isLater = replaced !== undefined && replaced.since > epoch.since && replaced.madeAt > epoch.madeAt;
      // Once the clock was set back who was told that storage refused it cannot tell which of the two came first.
      const isTold = ledger.troubledAt(page) < epoch.since || options.machine.setBackAt() < epoch.madeAt;
      if (isTold && !isSame && epoch.isStored && isLater) referee.fail(6, 'a replaced epoch was written again');
      if (!epoch.isStored) {
        epoch.isStored = true;
        epoch.since = now();
      }
      if (isSame && after.generation < before.generation) referee.fail(6, 'the generation decreased');
      if (isSame && after.generation === before.generation + 1) manners.rotate(before, after);
      doubts.note(page, before, after);
      if (isSame && isRewritten(before, after)) referee.fail(6, 'an ended epoch was written');
      if (isPutBack && epoch.signOut !== undefined && hasTombstone) referee.fail(5, 'a signed-out epoch was put back');
      // Without a tombstone nobody can know that it was over.
      if (isPutBack) epoch.signOut = undefined;
      if (isSame && after.ended === undefined && Object.hasOwn(before, NEWER) && !Object.hasOwn(after, NEWER))
        referee.fail(6, 'a field of a newer version was lost');
      if (holdsSecret(after)) referee.fail(15, 'a token was stored unsealed');
      if (after.ended === undefined) {
        if (
          epoch.signOut !== undefined &&
          after.generation > epoch.lastGeneration &&
          ledger.troubledAt(epoch.signOut.page) === 0
        ) {
          referee.fail(5, 'a sign-out was undone by a late rotation');
        }
        epoch.lastGeneration = isPutBack ? after.generation : Math.max(epoch.lastGeneration, after.generation);
        const isNew = !isSame || after.generation !== before.generation;
        const token = isNew ? sealed.get(page)?.get(contextOf(after)) : undefined;
        const parent = isSame && after.generation === before.generation + 1 ? tokenOf(before)?.refreshToken : undefined;
        const isHeir =
          parent === undefined ||
          rule.name === 'non-rotating' ||
          (options.hasProbe ? descends(token?.refreshToken, parent) : token?.refreshToken.parent === parent);
        // What was lost with the disk, and put back, may have been rotated twice.
        if (token !== undefined && !isHeir && !isLossy)
          referee.fail(6, 'a generation was stored that was not won with the one before it');
        if (token !== undefined) {
          stored.set(contextOf(after), token);
          ledger.commit(token);
        }
      } else if (before?.ended === undefined) {
        const good = after.ended === 'interrupted' && before !== undefined ? tokenOf(before) : undefined;
        if (good !== undefined && ledger.isGood(good))
          referee.fail(8, 'a session was interrupted while its token was good');
        epoch.endedAs = after.ended;
        ends.end(epoch, after.ended, doubts.of(page, before, after), 'the record');
      }
    },
    empty: () => {
      isLossy = true;
      manners.lose();
      isEmptied = true;
      ledger.loseCommits();
    },
    lose: ({ after, at, before, page }) => {
      isLossy = true;
      manners.lose();
      const epoch = epochs.get(after.epoch);
      if (epoch !== undefined) epoch.lastGeneration = before?.epoch === after.epoch ? before.generation : 0;
      if (before === undefined) isEmptied = true;
      ledger.lose(page, at, before && tokenOf(before) !== tokenOf(after) ? tokenOf(after) : undefined);
    },
    bury: (page, id) => {
      const epoch = epochs.get(id);
      if (epoch === undefined) return;
      epoch.buriedBy ??= page;
      ledger.drop(page, epoch.grant);
    },
    signOut: (page, pages) => {
      for (const epoch of epochs.values()) {
        if (epoch.buriedBy !== page || epoch.signOut !== undefined) continue;
        epoch.signOut = notice(page, pages);
      }
    },
    learn: (page, record) => {
      read.set(page, record);
      const epoch = record?.ended === undefined ? record && epochs.get(record.epoch) : undefined;
      if (epoch === undefined) return;
      learnt.set(page, epoch);
      if (!held.has(page)) held.set(page, epoch);
    },
    adopt: (page) => {
      const epoch = learnt.get(page);
      if (epoch !== undefined) held.set(page, epoch);
    },
    start: (page, pages) => {
      const epoch = starting.get(page);
      if (epoch === undefined) return;
      held.set(page, epoch);
      epoch.begun = notice(page, pages);
    },
    end: (page, reason) => {
      const epoch = held.get(page);
      const known = read.get(page);
      held.delete(page);
      if (epoch === undefined) return;
      if (epoch.endedAs === reason) return;
      if (reason === 'interrupted' && isUnanswered(page)) ends.orphan(epoch);
      else if (reason !== 'expired' || !known || !ends.strand(page, epoch, known, tokenOf(known)))
        ends.end(epoch, reason, [], 'a tab', `tab ${page.id}`);
    },
    heldBy: (page) => held.get(page),
    tokenOf,
    readBy: (page) => read.get(page),
    knowsOf: (page) => read.has(page) || [...epochs.values()].some(({ buriedBy }) => buriedBy === page),
    epochOf: (grant) => byGrant.get(grant),
    find: (id) => epochs.get(id),
    epochs: () => [...epochs.values()],
    ends: ends.counts,
  };
}

/** Whether it is that one, or was won with it, or with what was. */
function descends(token: RefreshToken | undefined, ancestor: RefreshToken): boolean {
  return token !== undefined && (token === ancestor || descends(token.parent, ancestor));
}
