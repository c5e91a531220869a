/** Manners: what is asked of each request to the token server beyond being the only one. Invariants 1 and 8. */
import type { SessionRecord } from '../../src/core/record.ts';
import { LEASE, REFUSAL_INTERVAL, REQUEST_LIMIT } from '../../src/core/timing.ts';
import type { LostAnswer } from '../../src/core/types.ts';
import type { RefreshToken } from './authorization-server.ts';
import { CLAIM_TO_SEND } from './births.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Manners {
  /** A page asks the server by other means what became of a rotation. */
  readonly probe: () => void;
  readonly hasProbed: (since: number) => boolean;
  readonly setOnline: (isOnline: boolean) => void;
  /** The page presents a refresh token. */
  readonly present: (page: Page, token: RefreshToken) => void;
  /** The page has this answer to it. */
  readonly hear: (page: Page, token: RefreshToken, answer: Response | undefined) => void;
  /** The page has written the record. */
  readonly write: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  /** The disk has lost what was written. */
  readonly lose: () => void;
  /** The page takes the lock from another. */
  readonly steal: (page: Page) => void;
  /** A new generation is stored. */
  readonly rotate: (before: SessionRecord, after: SessionRecord) => void;
}

/** Between the look at the network and the request lie the lock and the claim. */
const SLACK = 12_000;
/** A look at the record, the lock, and the way there. */
const LOOK = 2_000;

export interface MannersOptions {
  readonly machine: Machine;
  readonly referee: Referee;
  readonly now: () => number;
  readonly lostAnswer: LostAnswer;
  /** Whether the page holds the lock because it took it from another. */
  readonly hasStolen: (page: Page) => boolean;
  readonly queueTimeout: number;
  /** For how long a request has waited in the page. */
  readonly longestWait: (page: Page) => number | undefined;
  readonly troubledAt: (page: Page) => number;
}

interface Claim {
  readonly now: number;
  readonly wall: number;
  readonly awake: number;
  readonly isForced: boolean;
}

/** Somebody's try was held back by the server, for a time that it named. */
interface Hold {
  readonly token: RefreshToken;
  readonly until: number;
}

export function createManners(options: MannersOptions): Manners {
  const { hasStolen, longestWait, lostAnswer, machine, now, queueTimeout, referee, troubledAt } = options;
  /** Since when the record has named this attempt, or none. */
  let attempt = { id: '', since: 0 };
  /** Since when it has named each for the first time: whoever watched it then goes on when it is put back. */
  const named = new Map<string, number>();
  /** When each page made its last claim, and whether the user asked for it. */
  const claims = new Map<Page, Claim>();
  /** What each page was told, and what all can read in the record. */
  const told = new Map<Page, Hold>();
  let held: Hold | undefined;
  // The instant in the record means another one now.
  const forget = (): void => {
    told.clear();
    held = undefined;
  };
  machine.onShift(forget);
  let offlineSince: { readonly now: number; readonly awake: number } | undefined;
  let probedAt = 0;
  let refusedAt: number | undefined;
  /** Who presented a token with a lock that was stolen, and when it was told that it is rejected. */
  const thieves = new Map<Page, number | undefined>();

  /** How old the page's claim is, by the clock that says more: the machine may have slept, or its clock been set back. */
  function ageOf(page: Page): number {
    const claim = claims.get(page);
    if (claim === undefined) return 0;
    const isSetBack = machine.setBackAt() > claim.now - SLACK;
    return Math.max(machine.awake() - claim.awake, isSetBack ? 0 : machine.wall() - claim.wall);
  }

  return {
    probe: () => {
      probedAt = now();
    },
    hasProbed: (since) => probedAt >= since,
    setOnline: (isOnline) => {
      offlineSince = isOnline ? undefined : (offlineSince ?? { now: now(), awake: machine.awake() });
    },
    write: (page, before, after) => {
      const { id = '' } = after.attempt ?? {};
      if (id !== '' && !named.has(id)) named.set(id, machine.awake());
      if (id !== attempt.id) attempt = { id, since: named.get(id) ?? machine.awake() };
      if (id !== '' && id !== before?.attempt?.id)
        claims.set(page, {
          now: now(),
          wall: machine.wall(),
          awake: machine.awake(),
          isForced: after.forcedAt !== before?.forcedAt,
        });
      const rejectedAt = thieves.get(page);
      if (after.ended === 'rejected' && rejectedAt !== undefined && machine.awake() - rejectedAt < LEASE - LOOK)
        referee.fail(2, 'a rejected resend ended the session while the attempt before it may live', `tab ${page.id}`);
      if (before?.epoch !== after.epoch || before.generation !== after.generation) held = undefined;
      else if ((after.failures?.count ?? 0) > (before.failures?.count ?? 0)) held = told.get(page);
    },
    hear: (page, token, answer) => {
      if (answer?.status === 400 && thieves.has(page)) thieves.set(page, machine.awake());
      const seconds = answer?.status === 429 ? answer.headers.get('retry-after') : null;
      if (seconds === null) told.delete(page);
      else told.set(page, { token, until: now() + Number(seconds) * 1_000 });
    },
    lose: forget,
    steal: (page) => {
      if (page.isFrozen() || now() - page.thawedAt() < LOOK || now() - troubledAt(page) < SLACK) return;
      const stood = machine.awake() - attempt.since;
      if (stood < LEASE - LOOK)
        referee.fail(2, 'the lock was stolen before an attempt had stood for a lease', `${Math.round(stood)} ms`);
      const hasGrace = typeof lostAnswer === 'object' && (lostAnswer.resends ?? lostAnswer.within) !== undefined;
      const wait = longestWait(page);
      if (!hasGrace && wait !== undefined && wait < queueTimeout - REQUEST_LIMIT - LOOK)
        referee.fail(2, 'the lock was stolen although the request could wait longer', `${Math.round(wait)} ms`);
    },
    present: (page, token) => {
      thieves.delete(page);
      if (hasStolen(page)) thieves.set(page, undefined);
      const age = ageOf(page);
      if (age > CLAIM_TO_SEND)
        referee.fail(2, 'a refresh token was sent long after it was claimed', `${Math.round(age)} ms`);
      if (claims.get(page)?.isForced === false && held?.token === token && now() < held.until - 1)
        referee.fail(8, 'a refresh token was sent before Retry-After had passed', `tab ${page.id}`);
      if (offlineSince === undefined || page.thawedAt() > offlineSince.now) return;
      if (machine.awake() - offlineSince.awake > SLACK)
        referee.fail(8, 'a refresh token was sent although the browser is offline', `tab ${page.id}`);
    },
    rotate: (before, after) => {
      if (after.last?.cause !== 'refusal') return;
      const passed = after.last.at - (before.last?.at ?? 0);
      // By true time as well, since the wall clock may have jumped.
      const isSoon = refusedAt !== undefined && now() - refusedAt < REFUSAL_INTERVAL;
      if (before.last?.cause === 'refusal' && isSoon && passed >= 0 && passed < REFUSAL_INTERVAL)
        referee.fail(8, 'refusals caused two rotations within a minute', `${passed} ms`);
      refusedAt = now();
    },
  };
}
