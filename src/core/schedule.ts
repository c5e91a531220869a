/** When this tab is to try to rotate, by what it holds, who waits, and what the app wants kept alive. */
import type { Core } from './core.ts';
import { LEASE, momentOf, REQUEST_LIMIT, timeToRetry, WATCHDOG, type Moment } from './timing.ts';
import { isDead, timeUntil, timeUntilDead, timeUntilEnd, type Held } from './held.ts';

/** The requests that wait, as far as they bear on when to rotate. */
export interface Waiting {
  readonly needy: () => number;
  readonly timeLeft: () => number | undefined;
  /** Somebody waits in a page that is seen. */
  readonly isWaiting: () => boolean;
}

/** All times in milliseconds from now. */
export interface Schedule {
  /** Until a try is wanted; nothing when nobody wants one. */
  readonly timeUntilWanted: (held: Held, now: Moment) => number | undefined;
  /** Until the state changes by itself. */
  readonly timeUntilChange: (held: Held, now: Moment) => number | undefined;
  /** Whether the lock may be taken from a tab whose attempt has stood for so long. */
  readonly maySteal: (stood: number) => boolean;
  /** Whether an answer that did not come within the request limit is to be taken for lost. */
  readonly mayGiveUp: () => boolean;
}

export function createSchedule({ options, ports, view }: Core, waiting: Waiting): Schedule {
  const { activity, clock, tabs } = ports;
  return { timeUntilWanted, timeUntilChange, maySteal, mayGiveUp };

  function timeUntilWanted(held: Held, now: Moment): number | undefined {
    const { failures, rotateAt, sentAt } = held.record;
    if (held.tokens.isFinal) return undefined;
    const isNeeded = waiting.needy() > 0;
    const untilEnd = timeUntilEnd(held, now);
    // Not before the refresh token is dead: what nobody keeps alive is to end, unless it is our clock that is wrong.
    if (!isNeeded && !keepsAlive(held)) return untilEnd === undefined ? undefined : untilEnd + REQUEST_LIMIT;
    if (failures !== undefined && failures.count > 0) return timeToRetry(failures, waiting.isWaiting(), now.wall);
    if (isNeeded || held.isUndated) return 0;
    if (rotateAt === undefined || (untilEnd !== undefined && untilEnd <= 0)) return untilEnd;
    const due = timeUntil(rotateAt - sentAt, held, now);
    // The others step in when the leader has not, and before the token is dead.
    const untilDead = timeUntilDead(held, now, options.leeway);
    return due + (tabs.isLeader() ? 0 : Math.max(0, Math.min(WATCHDOG, (untilDead - due) / 2)));
  }

  function timeUntilChange(held: Held, now: Moment): number | undefined {
    const left = timeUntilDead(held, now, options.leeway);
    const { rotateAt, sentAt } = held.record;
    // By then somebody may be there for whom it is kept alive.
    const due = rotateAt === undefined ? 0 : timeUntil(rotateAt - sentAt, held, now);
    const next = due > 0 && due < left ? due : left;
    return next > 0 && next < Number.POSITIVE_INFINITY ? next : undefined;
  }

  function keepsAlive(held: Held): boolean {
    switch (options.keepAlive) {
      case 'always':
        return true;
      case 'visible':
        return activity.isVisible();
      case 'active':
        return activity.lastInput() > held.sent.monotonic;
      case 'demand':
        return false;
    }
  }

  /**
   * A tab that holds the lock and does not move may be frozen, and its answer may still come. It is only
   * taken for lost when a request cannot go without new tokens. Where the server gives a grace to a token
   * presented twice that is at once; else the request waits as long as it can.
   */
  function maySteal(stood: number): boolean {
    const held = view.held();
    const left = waiting.timeLeft();
    // Who took the lock from a frozen tab, and is refused, leaves that tab a lease for its answer.
    if (stood < (view.seen()?.attempt?.resends ? 2 * LEASE : LEASE)) return false;
    if (held === undefined || left === undefined || !isDead(held, momentOf(clock), options.leeway)) return false;
    return hasGrace() || left <= REQUEST_LIMIT;
  }

  /** By the same rule: a server that is only slow has used the token up, and a second presentation would end the session. */
  function mayGiveUp(): boolean {
    return hasGrace() || (waiting.timeLeft() ?? Number.POSITIVE_INFINITY) <= REQUEST_LIMIT;
  }

  function hasGrace(): boolean {
    const rule = options.server.lostAnswer ?? {};
    return typeof rule === 'object' && (rule.resends !== undefined || rule.within !== undefined);
  }
}
