/** The ends of sessions: by whose will or for what cause each ended, and whether that may be. Invariant 8. */
import type { Attempt, SessionRecord } from '../../src/core/record.ts';
import type { EndReason, LostAnswer } from '../../src/core/types.ts';
import { REQUEST_LIMIT } from '../../src/core/timing.ts';
import type { AccessToken, Rule } from './authorization-server.ts';
import type { Doubts } from './doubts.ts';
import type { Epoch } from './epoch.ts';
import type { Ledger } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Ends {
  /** Somebody says that this epoch is over. `doubts`: what was in doubt until then, the latest first. */
  readonly end: (
    epoch: Epoch,
    reason: EndReason,
    doubts: readonly Attempt[],
    who: 'the record' | 'a tab',
    detail?: string,
  ) => void;
  /** With `storage: 'memory'` a session ends with the last tab that holds its tokens. */
  readonly orphan: (epoch: Epoch) => void;
  /**
   * Whether all that the page could read of the epoch has expired, and storage refuses it any later word at this very
   * moment. It alone takes the epoch for over then: in the others it goes on, and its end is still to come.
   */
  readonly strand: (page: Page, epoch: Epoch, known: SessionRecord, token: AccessToken | undefined) => boolean;
  /** How often each cause ended an epoch. */
  readonly counts: () => ReadonlyMap<string, number>;
}

export interface EndsOptions {
  readonly now: () => number;
  readonly referee: Referee;
  readonly ledger: Ledger;
  readonly machine: Machine;
  readonly lostAnswer: LostAnswer;
  readonly rule: Rule;
  readonly doubts: Doubts;
  readonly epochs: () => readonly Epoch[];
  /** The tokens that are stored of an epoch. */
  readonly newest: (epoch: Epoch) => AccessToken | undefined;
}

/** The rows of the table: a will, or what may become of an answer. Whatever has no row fails the run. */
const ROWS: Readonly<Record<string, string>> = {
  'the user signed out': 'user',
  'dropped by a sign-out': 'user',
  'somebody else signed in': 'user',
  'somebody else signed in before the clock was set back': 'user',
  'revoked when somebody else signed in': 'user',
  'the server withdrew it': 'server',
  'the refresh token expired': 'server',
  'answer lost': 'lost answer',
  'a lost request arrived late': 'lost answer',
  'presented in doubt beside an attempt that won': 'lost answer',
  'commit lost by a relaxed write': 'relaxed write',
  'claim lost by a relaxed write': 'relaxed write',
  'tab gone before it could commit': 'tab died between consumption and commit',
  'taken from a frozen tab': 'tab frozen between consumption and commit',
  'commit lost with the database': 'deleted database',
  'claim lost with the database': 'deleted database',
  'an older session was put back after the database was deleted': 'deleted database',
  // Who read the record between a claim that storage seemed to refuse and its withdrawal cannot know that it led to nothing.
  'a withdrawn claim was put back after the database was deleted': 'deleted database',
  'interrupted after a lost answer': 'limit of lostAnswer',
  'interrupted, the tab gone before it could store the outcome': 'limit of lostAnswer',
  'interrupted, the tab frozen for a lease': 'limit of lostAnswer',
  // Its tab alone knows that the token is still unused; to the others the claim in the record is one resend too many.
  'interrupted, the server having held it back, which storage refused': 'limit of lostAnswer',
};

/** These take a token once more: only a use beyond that loses the session. */
const LIMITED: readonly Rule['name'][] = ['grace', 'max-reuse', 'parent-of-active'];

export function createEnds(options: EndsOptions): Ends {
  const { epochs, ledger, lostAnswer, machine, newest, now, referee, rule } = options;
  const counted = new Set<Epoch>();
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  /** Whether it is the first end of this epoch. */
  function count(epoch: Epoch, name: string): boolean {
    if (counted.has(epoch)) return false;
    counted.add(epoch);
    add(name);
    return true;
  }
  return {
    counts: () => counts,
    orphan: (epoch) => void count(epoch, 'user: the tokens went with the tab that held them'),
    strand: (page, { id, lastGeneration }, known, token) => {
      const isBehind = known.epoch === id && known.generation < lastGeneration;
      const isExpired = token !== undefined && now() >= token.refreshToken.expiresAt - REQUEST_LIMIT;
      if (!isBehind || !isExpired || ledger.troubledAt(page) !== now()) return false;
      add('one tab: expired while storage kept the later generations from it');
      return true;
    },
    end: (epoch, reason, doubts, who, detail) => {
      const cause = causeOf(epoch, reason, doubts);
      if (cause === undefined) return referee.fail(8, `${who} ended as ${reason} without a cause`, detail);
      const row = ROWS[cause] ?? 'other';
      const isWill = row === 'user' || row === 'server';
      const isBeyond = reason === 'rejected' && epoch.grant.end === 'reused' && LIMITED.includes(rule.name);
      if (!count(epoch, `${row}${isBeyond ? ', reuse beyond what the server allows' : ''}: ${cause}`)) return;
      if (row === 'other') referee.fail(8, `a session was lost: ${cause}`, detail);
      // What is put back after the database was deleted takes the place of any session, whatever its server does.
      else if (!isWill && rule.name === 'non-rotating' && reason !== 'replaced')
        referee.fail(8, 'a session was lost although its refresh token never changes', cause);
    },
  };

  /** By whose will or for what cause the epoch may have ended with this reason; nothing when it may not. */
  function causeOf(epoch: Epoch, reason: EndReason, doubts: readonly Attempt[]): string | undefined {
    const { grant } = epoch;
    switch (reason) {
      case 'signed-out':
        return epoch.buriedBy !== undefined ? 'the user signed out' : undefined;
      case 'replaced':
        return replacementOf(epoch);
      case 'rejected': {
        const { end } = grant;
        if (end === 'withdrawn') return 'the server withdrew it';
        if (end === 'revoked')
          return epoch.buriedBy !== undefined ? 'the user signed out' : 'revoked when somebody else signed in';
        if (end === 'reused') return ledger.causeOf(grant);
        // What was won with it, and got lost, may live longer.
        return now() >= (newest(epoch)?.refreshToken.expiresAt ?? Number.POSITIVE_INFINITY) ||
          grant.refreshTokens.every(({ expiresAt }) => now() >= expiresAt)
          ? expiryOf(epoch)
          : undefined;
      }
      case 'interrupted':
        return doubts.map((doubt) => interruptionOf(epoch, doubt)).find((cause) => cause !== undefined);
      case 'expired':
        // Counted from the sending, as the page must: by then the server has not yet made it.
        return now() >= (newest(epoch)?.refreshToken.expiresAt ?? 0) - REQUEST_LIMIT
          ? expiryOf(epoch)
          : causeOf(epoch, 'rejected', doubts);
      case 'idle':
      case 'max-age':
        return undefined;
    }
  }

  /** A token that was put back, because the disk has lost its successor, expires before that. */
  function expiryOf(epoch: Epoch): string {
    const token = newest(epoch)?.refreshToken;
    const losses = ledger.presentations().map(({ isCommitted, lost, token: spent, won }) => {
      const isSpent = spent === token && won?.refreshToken !== token;
      return isSpent && isCommitted ? lost : undefined;
    });
    return losses.find((loss) => loss !== undefined) ?? 'the refresh token expired';
  }

  function replacementOf(epoch: Epoch): string | undefined {
    const others = epochs().filter((other) => other.isStored && other !== epoch);
    if (others.some(({ since }) => since > epoch.since)) return 'somebody else signed in';
    if (others.some((other) => other.since < epoch.since && !epoch.predecessors.has(other)))
      return 'an older session was put back after the database was deleted';
    // Once the clock was set back nobody can tell which of two sign-ins came first, if storage refused one.
    const isUntold = !epoch.isStored && others.some(({ madeAt }) => machine.setBackAt() > madeAt);
    return isUntold ? 'somebody else signed in before the clock was set back' : undefined;
  }

  /** Whether the rule forbids to present the token once more. */
  function isAtLimit({ firstSentAt, resends }: Attempt): boolean {
    if (lostAnswer === 'end') return true;
    if (lostAnswer === 'probe') return resends > 0;
    const { resends: most = Number.POSITIVE_INFINITY, within = Number.POSITIVE_INFINITY } = lostAnswer;
    // Once the clock was set back nobody can tell how long ago the first was sent.
    return resends >= most || machine.wall() - firstSentAt > within * 1_000 || machine.setBackAt() > 0;
  }

  /** Whether it was to be one more after a presentation whose answer was lost, whatever has become of it. */
  function wasLost(epoch: Epoch, { resends }: Attempt): boolean {
    const spent = newest(epoch)?.refreshToken;
    return resends > 0 && ledger.presentations().some(({ outcome, token }) => outcome === 'unknown' && token === spent);
  }

  /** Only a claim whose outcome nobody can tell interrupts a session, and only where the rule says so. */
  function interruptionOf(epoch: Epoch, attempt: Attempt): string | undefined {
    const claimant = options.doubts.claimantOf(attempt.id);
    const isRuled = typeof lostAnswer === 'string' || (lostAnswer.resends ?? lostAnswer.within) !== undefined;
    if (claimant === undefined || !isRuled) return undefined;
    if (!isAtLimit(attempt)) return undefined;
    const presentation = ledger.madeWith(attempt.id);
    if (presentation?.outcome === 'unknown' || wasLost(epoch, attempt)) return 'interrupted after a lost answer';
    // What it won was stored, and the disk has lost that: the claim has come back without it.
    if (presentation?.lost !== undefined) return presentation.lost;
    // The server has refused it, and the tab that was told has not said so yet: by then the session was lost.
    if (presentation?.outcome === 'rejected') return causeOf(epoch, 'rejected', [attempt]);
    if (ledger.wasAway(claimant, attempt.id)) return 'interrupted, the tab frozen for a lease';
    if (claimant.isGone()) return 'interrupted, the tab gone before it could store the outcome';
    if (options.doubts.isPutBack(attempt.id)) return 'a withdrawn claim was put back after the database was deleted';
    if (presentation?.outcome === 'held-back' && ledger.troubledAt(claimant) >= presentation.endedAt)
      return 'interrupted, the server having held it back, which storage refused';
    return ledger.troubledAt(claimant) > 0 ? 'interrupted, the outcome refused by storage' : undefined;
  }
}
