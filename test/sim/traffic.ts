/** The traffic between the app and its API: when each request waits, goes and settles. Invariants 3, 7 and 10. */
import { leewayOf } from '../../src/core/timing.ts';
import type { AccessToken } from './authorization-server.ts';
import type { Archive } from './archive.ts';
import { CLAIM_TO_SEND, travelOf, type Birth } from './births.ts';
import type { Ledger } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { Notices } from './notices.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

/** Who may be behind a request: decided when it is made. */
export type Allowed = 'anybody' | 'nobody' | { readonly user: string };

/** One call of the app. */
export interface Call {
  readonly id: number;
  readonly page: Page;
  readonly what: 'fetch' | 'token';
  readonly allowed: Allowed;
  readonly startedAt: number;
  /** It has a body and headers of its own. */
  isOrder: boolean;
  sends: number;
  /** Spent in the network, while the page ran. */
  travelled: number;
  sentAt: number | undefined;
  isRefused: boolean;
  /** When it was made, by both clocks. */
  readonly made: { readonly wall: number; readonly awake: number };
  /** When the page's session ended while it waited. */
  bereftAt: number | undefined;
}

export interface Traffic {
  readonly open: (page: Page, what: Call['what'], allowed: Allowed) => Call;
  /** The page has read this token in the record, which says that it was sent for then. */
  readonly learn: (page: Page, token: AccessToken, sentAt: number) => void;
  readonly find: (id: number) => Call | undefined;
  /** The call's request leaves, or its token is handed over. */
  readonly send: (call: Call, token: AccessToken | undefined) => void;
  /** The page has the answer. */
  readonly receive: (call: Call, status: number | undefined) => void;
  readonly settle: (call: Call) => void;
  /** For how many milliseconds, by whichever clock says more, a request has waited in the page; nothing when none does. */
  readonly longestWait: (page: Page) => number | undefined;
  /** Storage failed the page. */
  readonly refuse: (page: Page) => void;
  /** Looks for calls that wait too long. */
  readonly check: () => void;
  /** The page's session has ended. */
  readonly bereave: (page: Page) => void;
  /** The page has a session again. */
  readonly console: (page: Page) => void;
  /** Whether a request waits in the page, or did within the last seconds. */
  readonly isWaiting: (page: Page) => boolean;
}

export interface TrafficOptions {
  readonly now: () => number;
  readonly machine: Machine;
  readonly referee: Referee;
  readonly ledger: () => Ledger;
  readonly archive: () => Archive;
  readonly notices: () => Notices;
  readonly leeway: number | undefined;
  /** Milliseconds. */
  readonly life: number;
  readonly queueTimeout: number;
  /** Whether rotating can help a token in doubt at once. */
  readonly mayResend: (page: Page, token: AccessToken) => boolean;
  readonly isUserKnown: boolean;
}

/** What the storage may take from a request before it is queued, and between two turns. */
const STORAGE_SHARE = 11_000;
const RECENT = 6_000;
/** So often a tab that opens tries to read the record. */
const READS = 3;

export function createTraffic(options: TrafficOptions): Traffic {
  const { archive, notices, isUserKnown, leeway, ledger, life, machine, mayResend, now, queueTimeout, referee } =
    options;
  const pending = new Map<number, Call>();
  const lastSettled = new Map<Page, number>();
  /** What each page knows of each token's age: the age when it first used it, and when that was. */
  const ages = new Map<Page, Map<AccessToken, { readonly age: number; readonly awake: number }>>();
  /** When each token was sent for, as the record says it, if the clock was set back since the claim. */
  const dates = new Map<AccessToken, number>();
  const refusals = new Map<Page, number>();
  let calls = 0;

  const waited = (call: Call): number => call.page.active() - call.startedAt - call.travelled;

  function check(call: Call): void {
    const most = queueTimeout + (ledger().troubledAt(call.page) > 0 ? 2 : 1) * STORAGE_SHARE;
    if (call.sentAt === undefined && waited(call) > most) {
      referee.fail(
        3,
        `a ${call.what} waits longer than the queue's timeout`,
        `call ${call.id}, ${Math.round(waited(call))} ms`,
      );
    }
    if (call.sentAt === undefined && call.bereftAt !== undefined && call.page.active() - call.bereftAt > STORAGE_SHARE)
      referee.fail(3, `a ${call.what} waits on although the session is over`, `call ${call.id}`);
  }

  /** By what this page can know: either clock may have been disturbed, and then the other counts. */
  function knownAge(page: Page, token: AccessToken): number {
    const birth = ledger().birthOf(token);
    if (birth === undefined) return 0;
    const byPage = ages.get(page) ?? new Map<AccessToken, { readonly age: number; readonly awake: number }>();
    ages.set(page, byPage);
    // Where the clock was set back between the claim and the request, the record names a time that is yet to come.
    // Then a page counts from when it took it over, and what it read before that may have come to nothing.
    const byWall = machine.wall() - Math.max(birth.sent.wall, dates.get(token) ?? 0);
    const first =
      byPage.get(token) ??
      (birth.page === page
        ? { age: 0, awake: birth.sent.awake }
        : { age: byWall < 0 ? -STORAGE_SHARE : byWall, awake: machine.awake() });
    byPage.set(token, first);
    return Math.max(byWall, first.age + machine.awake() - first.awake);
  }

  function judge(call: Call, token: AccessToken): void {
    const { allowed, page } = call;
    const { user } = token.grant;
    if (isUserKnown && allowed !== 'anybody' && (allowed === 'nobody' || allowed.user !== user)) {
      const whose = allowed === 'nobody' ? 'nobody' : allowed.user;
      referee.fail(10, 'a request made under one user went out under another', `call ${call.id}: ${whose}, ${user}`);
    }
    const age = knownAge(page, token);
    const usable = life - leewayOf(life, leeway);
    // One that was dead when it came would be followed by another such.
    const birth = ledger().birthOf(token);
    const wasSlow = (one: Birth | undefined) => one !== undefined && one.travelled >= usable;
    // The page cannot tell a slow answer from a spell in which it was frozen, or its clock set: of two in a row that
    // came dead it has to use the second, or in a slow network it would rotate for ever.
    const cameDead = (one: Birth | undefined, claimed = 0) => one !== undefined && one.aged + claimed >= usable;
    const isSecond = cameDead(birth) && cameDead(birth?.before, CLAIM_TO_SEND);
    const isMendable =
      (age >= life || mayResend(page, token)) && !wasSlow(birth) && !wasSlow(birth?.before) && !isSecond;
    if (age >= usable && isMendable) {
      const kind = call.what === 'token' ? 'handed out' : call.sends === 2 ? 'sent after a refusal' : 'sent';
      referee.fail(
        7,
        `a token known to be dead was ${kind}`,
        `call ${call.id} of tab ${page.id}, ${Math.round(age)} ms old`,
      );
    }
    notices().judge(page, token);
  }

  return {
    open: (page, what, allowed) => {
      calls += 1;
      const call: Call = {
        id: calls,
        page,
        what,
        allowed,
        startedAt: page.active(),
        made: { wall: machine.wall(), awake: machine.awake() },
        isOrder: false,
        sends: 0,
        travelled: 0,
        sentAt: undefined,
        isRefused: false,
        bereftAt: undefined,
      };
      pending.set(call.id, call);
      return call;
    },
    learn: (page, token, sentAt) => {
      const birth = ledger().birthOf(token);
      // A sleep in between is no time to the page.
      const setBack = machine.setBacks().at(-1)?.awake ?? Number.NEGATIVE_INFINITY;
      if (birth !== undefined && setBack > birth.sent.awake - CLAIM_TO_SEND) dates.set(token, sentAt);
      // It may have been frozen between its write and the word of it: only now can it use what it won.
      const isFirst = birth?.page === page && ages.get(page)?.has(token) !== true;
      if (isFirst) Object.assign(birth, travelOf(machine, page, birth.sent));
      knownAge(page, token);
    },
    find: (id) => pending.get(id),
    send: (call, token) => {
      call.sends += 1;
      call.sentAt = call.page.active();
      if (call.sends > 2) referee.fail(7, 'a request went out three times', `call ${call.id}`);
      if (call.sends === 2 && !call.isRefused)
        referee.fail(7, 'a request went out twice without a refusal', `call ${call.id}`);
      if (token !== undefined) judge(call, token);
      else if (typeof call.allowed === 'object')
        referee.fail(10, 'a request made under a user went out without a token', `call ${call.id}`);
      else if (!archive().knowsOf(call.page) && (refusals.get(call.page) ?? 0) < READS)
        referee.fail(3, 'a request went out without a token before the record was read', `call ${call.id}`);
    },
    receive: (call, status) => {
      if (call.sentAt !== undefined) call.travelled += call.page.active() - call.sentAt;
      call.sentAt = undefined;
      if (call.bereftAt !== undefined) call.bereftAt = call.page.active();
      call.isRefused = status === 401;
    },
    longestWait: (page) => {
      const waits = [...pending.values()]
        .filter((call) => call.page === page && call.sentAt === undefined)
        .map(({ made }) => Math.max(machine.wall() - made.wall, machine.awake() - made.awake));
      return waits.length === 0 ? undefined : Math.max(...waits);
    },
    refuse: (page) => void refusals.set(page, (refusals.get(page) ?? 0) + 1),
    settle: (call) => {
      check(call);
      if (!pending.delete(call.id)) referee.fail(3, 'a request settled twice', `call ${call.id}`);
      lastSettled.set(call.page, now());
    },
    check: () => {
      for (const call of pending.values()) {
        if (call.page.isGone()) pending.delete(call.id);
        else check(call);
      }
    },
    bereave: (page) => {
      for (const call of pending.values()) if (call.page === page) call.bereftAt ??= page.active();
    },
    console: (page) => {
      for (const call of pending.values()) if (call.page === page) call.bereftAt = undefined;
    },
    isWaiting: (page) =>
      now() - (lastSettled.get(page) ?? 0) < RECENT ||
      [...pending.values()].some((call) => call.page === page && call.sentAt === undefined),
  };
}
