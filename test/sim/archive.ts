/** The archive of epochs: what was written under each, how it ended and by whose will. Invariants 5 and 6, and the ends. */
import type { Attempt, SessionRecord } from '../../src/core/record.ts';
import type { EndReason, LostAnswer } from '../../src/core/types.ts';
import { contextOf } from '../../src/core/held.ts';
import type { AccessToken, AuthorizationServer, Grant } from './authorization-server.ts';
import type { Ledger } from './ledger.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

/** One sign-in, as the world knows it. */
export interface Epoch {
  readonly id: string;
  readonly grant: Grant;
  /** When it was first stored; before that, when it was made. */
  since: number;
  isStored: boolean;
  /** Where somebody called `end()` on it. */
  buriedBy: Page | undefined;
  /** That call has resolved. */
  signOut: SignOut | undefined;
  lastGeneration: number;
  /** As what the record says that it ended. */
  endedAs: EndReason | undefined;
}

export interface SignOut {
  readonly page: Page;
  readonly at: number;
  /** How long each of the other pages had run by then. */
  readonly active: ReadonlyMap<Page, number>;
}

export interface Archive {
  /** Tokens are sealed for an epoch: it exists from here on. */
  readonly seal: (page: Page, text: string, context: string) => void;
  readonly write: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  readonly bury: (page: Page, id: string) => void;
  /** The page's `end()` has resolved. */
  readonly signOut: (page: Page, pages: readonly Page[]) => void;
  /** The page has read or written this record. */
  readonly learn: (page: Page, record: SessionRecord | undefined) => void;
  /** The page says that it holds another session than before. */
  readonly adopt: (page: Page) => void;
  /** The page's sign-in is done. */
  readonly start: (page: Page) => void;
  /** The page says that its session is over. */
  readonly end: (page: Page, reason: EndReason) => void;
  readonly heldBy: (page: Page) => Epoch | undefined;
  /** The access token in the record. */
  readonly tokenOf: (record: SessionRecord) => AccessToken | undefined;
  readonly readBy: (page: Page) => SessionRecord | undefined;
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
  readonly server: AuthorizationServer;
  readonly lostAnswer: LostAnswer;
  /** Whether no other tab could hand over what the record names. */
  readonly isOrphaned: (page: Page) => boolean;
}

export function createArchive({ isOrphaned, ledger, lostAnswer, now, referee, server }: ArchiveOptions): Archive {
  const epochs = new Map<string, Epoch>();
  const byGrant = new Map<Grant, Epoch>();
  /** What each page read last, is about to start, and holds. */
  const learnt = new Map<Page, Epoch>();
  const read = new Map<Page, SessionRecord | undefined>();
  const starting = new Map<Page, Epoch>();
  const held = new Map<Page, Epoch>();
  /** Who made which claim. */
  const claims = new Map<string, Page>();
  /** What each page sealed, and what is stored, by epoch and generation. */
  const sealed = new Map<Page, Map<string, AccessToken>>();
  const stored = new Map<string, AccessToken>();
  const counted = new Set<Epoch>();
  const ends = new Map<string, number>();

  const tokenIn = (text: string): AccessToken | undefined => {
    const { accessToken }: { accessToken?: unknown } = JSON.parse(text);
    return typeof accessToken === 'string' ? server.accessToken(accessToken) : undefined;
  };
  function count(epoch: Epoch, cause: string): void {
    if (counted.has(epoch)) return;
    counted.add(epoch);
    ends.set(cause, (ends.get(cause) ?? 0) + 1);
  }

  /** By whose will or for what cause the epoch may have ended with this reason; nothing when it may not. */
  function causeOf(epoch: Epoch, reason: EndReason, before: SessionRecord | undefined): string | undefined {
    const { grant } = epoch;
    switch (reason) {
      case 'signed-out':
        return epoch.buriedBy !== undefined ? 'the user signed out' : undefined;
      case 'replaced':
        return [...epochs.values()].some((other) => other.isStored && other.since > epoch.since)
          ? 'somebody else signed in'
          : undefined;
      case 'rejected': {
        const { end } = grant;
        if (end === 'withdrawn') return 'the server withdrew it';
        if (end === 'revoked')
          return epoch.buriedBy !== undefined ? 'the user signed out' : 'revoked when somebody else signed in';
        if (end === 'reused') return ledger.causeOf(grant);
        return grant.refreshTokens.every(({ expiresAt }) => now() >= expiresAt)
          ? 'the refresh token expired'
          : undefined;
      }
      case 'interrupted':
        return interruptionOf(before?.attempt);
      case 'expired':
        return grant.refreshTokens.some(({ expiresAt }) => now() >= expiresAt)
          ? 'the refresh token expired'
          : undefined;
      case 'idle':
      case 'max-age':
        return undefined;
    }
  }

  /** Only a claim whose outcome nobody can tell interrupts a session, and only where the rule says so. */
  function interruptionOf(attempt: Attempt | undefined): string | undefined {
    const claimant = attempt && claims.get(attempt.id);
    const isRuled = typeof lostAnswer === 'string' || (lostAnswer.resends ?? lostAnswer.within) !== undefined;
    if (attempt === undefined || claimant === undefined || !isRuled) return undefined;
    const outcome = ledger.outcomeOf(attempt.id);
    if (outcome === 'unknown') return 'interrupted after a lost answer';
    if (ledger.wasAway(claimant, attempt.id)) return 'interrupted, the tab frozen for a lease';
    if (claimant.isGone()) return 'interrupted, the tab gone before it could store the outcome';
    return ledger.troubledAt(claimant) > 0 ? 'interrupted, the outcome refused by storage' : undefined;
  }

  return {
    seal: (page, text, context) => {
      const [id = ''] = context.split(' ');
      const token = tokenIn(text);
      if (token === undefined) return;
      const own = sealed.get(page) ?? new Map<string, AccessToken>();
      sealed.set(page, own.set(context, token));
      if (epochs.has(id)) return;
      const epoch: Epoch = {
        id,
        grant: token.grant,
        since: now(),
        isStored: false,
        buriedBy: undefined,
        signOut: undefined,
        lastGeneration: 0,
        endedAs: undefined,
      };
      epochs.set(id, epoch);
      byGrant.set(token.grant, epoch);
      starting.set(page, epoch);
    },
    write: (page, before, after) => {
      const epoch = epochs.get(after.epoch);
      if (epoch === undefined) return referee.fail(6, 'a record without sealed tokens began an epoch');
      const isSame = before?.epoch === after.epoch;
      if (!isSame && epoch.isStored) referee.fail(6, 'a replaced epoch was written again');
      if (!epoch.isStored) {
        epoch.isStored = true;
        epoch.since = now();
      }
      if (isSame && after.generation < before.generation) referee.fail(6, 'the generation decreased');
      if (after.attempt !== undefined && !claims.has(after.attempt.id)) {
        claims.set(after.attempt.id, page);
        ledger.claim(page, after.attempt.id);
      }
      if (isSame && before.ended !== undefined) referee.fail(6, 'an ended epoch was written');
      if (after.ended === undefined) {
        if (
          epoch.signOut !== undefined &&
          after.generation > epoch.lastGeneration &&
          ledger.troubledAt(epoch.signOut.page) === 0
        ) {
          referee.fail(5, 'a sign-out was undone by a late rotation');
        }
        epoch.lastGeneration = Math.max(epoch.lastGeneration, after.generation);
        const token =
          isSame && after.generation === before.generation ? undefined : sealed.get(page)?.get(contextOf(after));
        if (token !== undefined) {
          stored.set(contextOf(after), token);
          ledger.commit(token);
        }
      } else if (before?.ended === undefined) {
        epoch.endedAs = after.ended;
        const cause = causeOf(epoch, after.ended, before);
        if (cause === undefined) referee.fail(8, `the record ended as ${after.ended} without a cause`);
        else count(epoch, cause);
      }
    },
    bury: (page, id) => {
      const epoch = epochs.get(id);
      if (epoch !== undefined) epoch.buriedBy ??= page;
    },
    signOut: (page, pages) => {
      for (const epoch of epochs.values()) {
        if (epoch.buriedBy !== page || epoch.signOut !== undefined) continue;
        epoch.signOut = { page, at: now(), active: new Map(pages.map((each) => [each, each.active()])) };
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
    start: (page) => {
      const epoch = starting.get(page);
      if (epoch !== undefined) held.set(page, epoch);
    },
    end: (page, reason) => {
      const epoch = held.get(page);
      held.delete(page);
      if (epoch === undefined) return;
      if (epoch.endedAs === reason) return;
      const isOrphan = reason === 'interrupted' && isOrphaned(page);
      const cause = isOrphan ? 'the tokens went with the tab that held them' : causeOf(epoch, reason, undefined);
      if (cause === undefined) referee.fail(8, `a tab ended as ${reason} without a cause`, `tab ${page.id}`);
      else count(epoch, cause);
    },
    heldBy: (page) => held.get(page),
    tokenOf: (record) => (record.ended === undefined ? stored.get(contextOf(record)) : undefined),
    readBy: (page) => read.get(page),
    epochOf: (grant) => byGrant.get(grant),
    find: (id) => epochs.get(id),
    epochs: () => [...epochs.values()],
    ends: () => ends,
  };
}
