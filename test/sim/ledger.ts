/** The ledger of refresh tokens: who presented which, what came of it, and whether that was allowed. Invariants 1, 2 and 8. */
import { REQUEST_LIMIT } from '../../src/core/timing.ts';
import type { Attempt } from '../../src/core/record.ts';
import type { LostAnswer } from '../../src/core/types.ts';
import type { AccessToken, Grant, RefreshToken } from './authorization-server.ts';
import { CLAIM_TO_SEND, createBirths, type Birth, type Instant } from './births.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import { begunBy, breachOf, isDropped, isKnown, type Outcome, type Presentation } from './presentation.ts';
import type { Referee } from './referee.ts';

export interface Ledger {
  readonly present: (page: Page, token: RefreshToken) => Presentation;
  readonly end: (presentation: Presentation, outcome: Outcome) => void;
  /** The server tells by other means that these tokens have landed. */
  readonly find: (accessToken: AccessToken) => void;
  /** These tokens came with a sign-in. */
  readonly begin: (page: Page, accessToken: AccessToken) => void;
  /** These tokens are in the record. */
  readonly commit: (accessToken: AccessToken) => void;
  /** When the request for this token was sent. */
  readonly birthOf: (accessToken: AccessToken) => Birth | undefined;
  readonly isGood: (accessToken: AccessToken) => boolean;
  /** The presentation that this claim led to. */
  readonly madeWith: (claim: string) => Presentation | undefined;
  /** Whether the page could not run for some of the time since that claim, and a lease has passed. */
  readonly wasAway: (page: Page, claim: string) => boolean;
  /** The page has made this claim. */
  readonly claim: (page: Page, claim: Attempt) => void;
  /** The disk has lost what the page wrote then: a claim, or the commit of that token. */
  readonly lose: (page: Page, at: number, commit: AccessToken | undefined) => void;
  /** All that was committed is gone from the disk. */
  readonly loseCommits: () => void;
  readonly refuseStorage: (page: Page) => void;
  /** When storage last failed the page, in true time. */
  readonly troubledAt: (page: Page) => number;
  /** Presentations of this token whose answer was lost. */
  readonly lost: (token: RefreshToken) => readonly Presentation[];
  /** The server has seen this token once too often: why is to be found out now, before more happens. */
  readonly blame: (late: Presentation) => void;
  /** The page has signed out: whatever it wins is dropped. */
  readonly drop: (page: Page, grant: Grant) => void;
  readonly causeOf: (grant: Grant) => string | undefined;
  readonly presentations: () => readonly Presentation[];
}

export interface LedgerOptions {
  readonly now: () => number;
  readonly machine: Machine;
  readonly referee: Referee;
  readonly lostAnswer: LostAnswer;
  readonly leeway: number | undefined;
  /** Milliseconds. */
  readonly life: number;
  readonly isRotating: boolean;
  /** Whether the server was asked by other means since then. */
  readonly hasProbed: (since: number) => boolean;
  /** Whether the page took the lock from another. */
  readonly hasStolen: (page: Page) => boolean;
  /** Whether a request waits in the page, or did a moment ago. */
  readonly isWaiting: (page: Page) => boolean;
  /** Whether the page has asked the other since then, and one of them did not hear the other in time. */
  readonly hasMissed: (page: Page, other: Page, since: number) => boolean;
}

const JUST_NOW = 1_000;
const MINUTE = 60_000;
const MOST_FAILURES = 10;

export function createLedger(options: LedgerOptions): Ledger {
  const { hasMissed, hasProbed, hasStolen, isRotating, isWaiting, leeway, life, lostAnswer, machine, now, referee } =
    options;
  const all: Presentation[] = [];
  const byToken = new Map<RefreshToken, Presentation[]>();
  const births = createBirths({ machine, leeway, life });
  const committedAt = new Map<Grant, number>();
  const causes = new Map<Grant, string | undefined>();
  const claims = new Map<string, Pick<Presentation, 'page' | 'sent' | 'resends'>>();
  const troubles = new Map<Page, number>();
  const dropped = new Map<Grant, Page>();
  const failures = new Map<Grant, number[]>();
  const signIns = new Map<Page, number>();

  const instantOf = (page: Page): Instant => ({
    now: now(),
    wall: machine.wall(),
    awake: machine.awake(),
    active: page.active(),
  });
  const claimOf = (page: Page) => [...claims.values()].findLast((claim) => claim.page === page);
  const presentationsOf = (token: RefreshToken): Presentation[] => byToken.get(token) ?? [];

  /** Why an earlier presentation is to be taken for lost; nothing when it is not. */
  function lossOf(earlier: Presentation): string | undefined {
    const { isCommitted, lost, outcome, page, sent, token } = earlier;
    if (dropped.get(token.grant) === page) return 'dropped by a sign-out';
    if (lost !== undefined) return lost;
    if (isCommitted) return undefined;
    if (outcome === 'unknown') return 'answer lost';
    if (page.isGone()) return 'tab gone before it could commit';
    if (isDropped(earlier, signIns.get(page), troubles.get(page))) return 'dropped for a sign-in that storage refused';
    // The page lives, and has its answer or waits for it: only a tab that was away can have lost its turn.
    // One that has just thawed was given up before.
    const isBack = !page.isFrozen() && now() - page.thawedAt() > JUST_NOW;
    if (outcome === 'rejected' && (troubles.get(page) ?? 0) >= sent.now) return 'rejection could not be stored';
    if (outcome === 'rejected' && isBack) return undefined;
    if (outcome === 'rotated' && isBack && (troubles.get(page) ?? 0) >= earlier.endedAt) return undefined;
    return wasAway(page, sent) ? 'taken from a frozen tab' : undefined;
  }

  /** The same for who presents it next: what storage refuses only its page can tell, and that may not be heard. */
  function excuseOf(page: Page, earlier: Presentation): string | undefined {
    const { endedAt, isCommitted, outcome, page: holder } = earlier;
    const isRefused = outcome === 'rotated' && !isCommitted && (troubles.get(holder) ?? 0) >= endedAt;
    return lossOf(earlier) ?? (isRefused && hasMissed(page, holder, endedAt) ? 'not heard of' : undefined);
  }

  function wasAway(page: Page, since: Instant): boolean {
    const passed = machine.awake() - since.awake;
    return passed >= REQUEST_LIMIT && (page.isFrozen() || passed - (page.active() - since.active) > 500);
  }

  function judge(page: Page, token: RefreshToken): string | undefined {
    const earlier = presentationsOf(token).filter(({ outcome }) => outcome !== 'held-back');
    // The one decision was the claim: what was stored between it and the request could not be known.
    const claimedAt = claimOf(page)?.sent.now ?? now();
    for (const one of earlier) {
      // Without rotation the token stays the same from generation to generation.
      if (!isRotating && (one.outcome !== 'flying' || (committedAt.get(token.grant) ?? 0) > one.sent.now)) continue;
      if (excuseOf(page, one) === undefined) {
        referee.fail(
          ...breachOf(one, claimedAt, (troubles.get(one.page) ?? 0) >= one.sent.now),
          `tab ${page.id} presents ${token.value}, which tab ${one.page.id} presented`,
        );
      }
    }
    if (hasStolen(page)) {
      if (!isWaiting(page)) referee.fail(2, 'the lock was stolen although no request waits');
      else if (isRotating && !births.isDead(token)) referee.fail(2, 'the lock was stolen although the token is good');
    }
    const losses = isRotating ? earlier.filter((one) => excuseOf(page, one) !== undefined) : [];
    const lost = losses.filter((one) => isKnown(page, one, losses));
    const [first] = lost;
    if (first === undefined) return losses.map((one) => excuseOf(page, one))[0];
    if (lostAnswer === 'end') referee.fail(1, "a token in doubt was presented again under lostAnswer 'end'");
    else if (lostAnswer === 'probe') {
      if (lost.length > 1) referee.fail(1, "a token in doubt was presented a third time under lostAnswer 'probe'");
      else if (!births.isDead(token)) referee.fail(1, "a token in doubt was presented again under 'probe' too early");
      else if (first.lost === undefined && !hasProbed(first.sent.now))
        referee.fail(1, "a token in doubt was presented again under 'probe' without one");
    } else {
      const { resends = Number.POSITIVE_INFINITY, within = Number.POSITIVE_INFINITY } = lostAnswer;
      if (lost.length > resends)
        referee.fail(
          1,
          'a token in doubt was presented again more often than lostAnswer permits',
          `${lost.length} > ${resends}`,
        );
      // Once the clock was set back, only that tells how long ago it was.
      const age = machine.setBackAt() > first.sent.now ? machine.wall() - first.sent.wall : now() - first.sent.now;
      if (age > within * 1_000 + CLAIM_TO_SEND)
        referee.fail(1, 'a token in doubt was presented again later than lostAnswer permits', `${age} ms`);
    }
    return excuseOf(page, first);
  }

  return {
    present: (page, token) => {
      const excuse = judge(page, token);
      const presentation = begunBy({
        page,
        token,
        sent: instantOf(page),
        resends: claimOf(page)?.resends ?? 0,
        excuse,
      });
      all.push(presentation);
      byToken.set(token, [...presentationsOf(token), presentation]);
      return presentation;
    },
    end: (presentation, outcome) => {
      presentation.outcome = outcome;
      presentation.endedAt = now();
      const { page, sent, token, won } = presentation;
      if (outcome === 'rotated' && won) births.record(won, page, sent);
      // Tokens that live for seconds make more attempts than that. Whoever signs in anew begins anew.
      if ((outcome !== 'unknown' && outcome !== 'held-back') || life < MINUTE / MOST_FAILURES) return;
      const own = [...(failures.get(token.grant) ?? []), now()].slice(-MOST_FAILURES - 1);
      failures.set(token.grant, own);
      const isTooOften = own.length > MOST_FAILURES && now() - (own[0] ?? 0) < MINUTE;
      if (isTooOften) referee.fail(8, 'more than 10 failed attempts in a minute');
    },
    find: (accessToken) => {
      const winner = all.find(({ won }) => won === accessToken);
      if (winner && !births.find(accessToken)) births.record(accessToken, winner.page, winner.sent);
    },
    begin: (page, accessToken) => {
      signIns.set(page, now());
      births.record(accessToken, page, instantOf(page));
    },
    commit: (accessToken) => {
      for (const one of all) {
        if (one.won !== accessToken) continue;
        one.isCommitted = true;
        one.committedAt = now();
        one.lost = undefined;
      }
      committedAt.set(accessToken.grant, now());
      births.arrive(accessToken);
    },
    lose: (page, at, commit) => {
      for (const one of all) {
        if (commit !== undefined && one.won === commit) one.lost = 'commit lost by a relaxed write';
        if (commit === undefined && one.page === page && one.sent.now >= at) one.lost = 'claim lost by a relaxed write';
      }
    },
    loseCommits: () => {
      for (const one of all)
        one.lost ??= one.isCommitted ? 'commit lost with the database' : 'claim lost with the database';
    },
    birthOf: births.find,
    isGood: births.isGood,
    claim: (page, { id, resends }) => void claims.set(id, { page, sent: instantOf(page), resends }),
    madeWith: (claim) => {
      const made = claims.get(claim);
      return made && all.find(({ page, sent }) => page === made.page && sent.now >= made.sent.now);
    },
    wasAway: (page, claim) => {
      const made = claims.get(claim);
      return made !== undefined && wasAway(page, made.sent);
    },
    refuseStorage: (page) => {
      troubles.set(page, now());
      const newest = all.findLast((one) => one.page === page)?.won;
      if (newest !== undefined) births.arrive(newest);
    },
    troubledAt: (page) => troubles.get(page) ?? 0,
    drop: (page, grant) => void (dropped.has(grant) || dropped.set(grant, page)),
    lost: (token) => presentationsOf(token).filter((one) => one.outcome !== 'held-back' && lossOf(one) !== undefined),
    blame: (late) => {
      const { token } = late;
      if (causes.has(token.grant.endedBy ?? token.grant)) return;
      const consumed = presentationsOf(token).filter(({ isConsumed }) => isConsumed);
      const loss = consumed.map(lossOf).find((each) => each !== undefined);
      const isStray = late.outcome === 'unknown' || late.page.isGone();
      // No answer was lost: its winner could neither store nor tell it, the doubt about an earlier one was cleared
      // meanwhile, the claim of this one was lost on its way, or the request was late.
      const beside = late.excuse === undefined ? undefined : 'presented in doubt beside an attempt that won';
      const cause = loss ?? beside ?? late.lost ?? (isStray ? 'a lost request arrived late' : undefined);
      causes.set(token.grant, cause);
      if (cause === undefined) referee.fail(1, 'a second use of a token ended the grant without a cause', token.value);
    },
    causeOf: (grant) => causes.get(grant.endedBy ?? grant),
    presentations: () => all,
  };
}
