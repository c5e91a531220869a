/** The rotator: one flight at a time in this tab, one alarm, and the lock that keeps the other tabs out. Design section 3, steps 1, 2 and 7. */
import type { Core } from './core.ts';
import { RotationError } from './errors.ts';
import type { Outcomes, TryEnd } from './outcomes.ts';
import { createRotation } from './rotation.ts';
import { createSchedule, type Waiting } from './schedule.ts';
import {
  LEASE,
  momentOf,
  POLL,
  POLL_ONLINE,
  REFUSAL_INTERVAL,
  SHORTEST_LIFE,
  since,
  timeToRetry,
  type Moment,
} from './timing.ts';
import type { RotationCause, Undo } from './types.ts';
import { contextOf, isDead, isExpired, timeUntil, type Held } from './held.ts';
import { createUnstored } from './unstored.ts';
import { createWatch } from './watch.ts';

/** The pauses between flights that come to nothing double up to this. */
const LONGEST_HOLD = 10_000;
/** A flight that begins so soon after another was caused by how that one ended. */
const IN_A_ROW = 10_000;

export type FlightEnd = Exclude<TryEnd, { readonly end: 'watch' }>;

export interface Rotator {
  /** Rotates now, if it may; joins a flight that is under way. Never rejects. */
  readonly rotate: (cause: RotationCause) => Promise<FlightEnd>;
  readonly isFlying: () => boolean;
  /** Resolves when no flight is under way. */
  readonly landed: () => Promise<void>;
  /** Whether what a rotation has just won may be used: unless it died on its way, and that for the first time in a row. */
  readonly isWorthSending: (held: Held) => boolean;
  /** The last flight's error, while the next try is still to come. */
  readonly standing: () => RotationError | undefined;
  /** Whether the held token is to be taken for dead; while nothing can be done about it, only when it has expired. */
  readonly isTokenDead: (held: Held) => boolean;
  /** Whether a refusal may cause a rotation now. */
  readonly mayFollowRefusal: (held: Held) => boolean;
  /** Looks at the clock: rotates if it is due, else sets the alarm. */
  readonly check: () => void;
  readonly stop: Undo;
}

export interface RotatorOptions {
  readonly core: Core;
  readonly outcomes: Outcomes;
  readonly waiting: Waiting;
  /** Told how each flight ended. */
  readonly onEnd: (end: FlightEnd) => void;
}

export function createRotator({ core, onEnd, outcomes, waiting }: RotatorOptions): Rotator {
  const { options, ports, view } = core;
  const { clock, lock, network } = ports;
  const attempt = createRotation(core, outcomes);
  const { isWaiting } = waiting;
  const schedule = createSchedule(core, waiting);
  const unstored = createUnstored(core, outcomes);

  let flight: Promise<FlightEnd> | undefined;
  let standing: { readonly name: string; readonly error: RotationError } | undefined;
  /** The epoch and generation that a resource refused: whatever rotates it was caused by that. */
  let refused: string | undefined;
  /** When a rotation last won tokens that had died on their way: the next one was to mend that. */
  let cameDead: Moment | undefined;
  let beganAt = momentOf(clock);
  /** Of that epoch and generation no try until so long after that moment, whatever is due. */
  let hold: { readonly name: string; readonly from: Moment; readonly time: number } | undefined;
  /** The epoch and generation that are in doubt until their token has expired. */
  let outliving: string | undefined;
  const isOutliving = (held: Held) => outliving === nameOf(held) && held.record.attempt !== undefined;
  let disarm: Undo = () => undefined;
  let isStopped = false;
  /** How many flights in a row were to have moved the record on and did not: what it names is with no tab that answers. */
  let unmoved = 0;
  /** The lock is held until then. */
  let holding: Promise<unknown> = Promise.resolve();

  const rotator: Rotator = {
    rotate: (cause) => {
      const before = view.held();
      if (cause === 'refusal') refused = nameOf(before);
      if (flight !== undefined) return flight;
      beganAt = momentOf(clock);
      const current = fly(cause)
        .catch((failure: unknown): FlightEnd => outcomes.storageFailed('rotate', failure))
        .then((end) => {
          if (flight === current) flight = undefined;
          land(end, before);
          return end;
        });
      flight = current;
      check();
      return current;
    },
    isFlying: () => flight !== undefined,
    landed: async () => {
      await flight;
      await holding;
    },
    standing: () => {
      const held = view.held();
      if (standing === undefined || standing.name !== nameOf(held)) return undefined;
      const { retryAt } = standing.error;
      return retryAt === undefined || retryAt > clock.now() ? standing.error : undefined;
    },
    isWorthSending: (held) => {
      const now = momentOf(clock);
      const { life = SHORTEST_LIFE } = held.record;
      const isGood = !isDead(held, now, options.leeway) || life < SHORTEST_LIFE;
      // Of an answer that is slow for the second time what it brings is younger than the time since sending says.
      const isSecond = cameDead !== undefined && since(cameDead, beganAt) < IN_A_ROW;
      const isWorthIt = isGood || (isSecond && since(held.received ?? held.sent, now) < life);
      cameDead = isWorthIt ? undefined : now;
      return isWorthIt;
    },
    isTokenDead: (held) => (isOutliving(held) ? isExpired : isDead)(held, momentOf(clock), options.leeway),
    mayFollowRefusal: ({ record: { last }, tokens }) =>
      !tokens.isFinal &&
      (last?.cause !== 'refusal' || !(clock.now() >= last.at && clock.now() < last.at + REFUSAL_INTERVAL)),
    check,
    stop: () => {
      isStopped = true;
      disarm();
      unstored.stop();
    },
  };
  return rotator;

  function land(end: FlightEnd, before: Held | undefined): void {
    const held = view.held();
    const name = nameOf(held);
    standing = end.end === 'failed' && name !== undefined ? { name, error: end.error } : undefined;
    outliving = end.end === 'outlive' ? name : undefined;
    hold =
      name === undefined ? undefined : { name, from: momentOf(clock), time: holdAfter(end, nameOf(before) === name) };
    onEnd(end);
    check();
  }

  /** How long to keep still after a flight. One that was to have moved the record on and did not must not be repeated at once. */
  function holdAfter(end: FlightEnd, isUnmoved: boolean): number {
    if (end.end === 'wait') return end.until - clock.now();
    if (end.end === 'failed') return end.notBefore === undefined ? 0 : end.notBefore - clock.now();
    unmoved = end.end === 'moved' && isUnmoved ? unmoved + 1 : 0;
    return unmoved === 0 ? 0 : Math.min(POLL * 2 ** unmoved, LONGEST_HOLD);
  }

  function check(): void {
    disarm();
    view.refresh();
    const held = view.held();
    unstored.check();
    if (held === undefined || isStopped) return;
    const now = momentOf(clock);
    const due = flight === undefined ? timeUntilDue(held, now) : undefined;
    if (due !== undefined && due <= 0) {
      void rotator.rotate(waiting.needy() > 0 ? 'request' : 'timer');
      return;
    }
    const next = [due, schedule.timeUntilChange(held, now)].filter((time) => time !== undefined);
    if (next.length > 0) disarm = clock.wake(now.wall + Math.min(...next), check);
  }

  /** How long until a try is due; nothing when nobody wants one. */
  function timeUntilDue(held: Held, now: Moment): number | undefined {
    const { life } = held.record;
    // Of a token whose life is unknown nobody can say when it has been outlived: it is used until it is refused.
    const untilOutlived = life === undefined ? undefined : timeUntil(life, held, now);
    const due = isOutliving(held) ? untilOutlived : schedule.timeUntilWanted(held, now);
    if (due === undefined) return undefined;
    const stillness = hold !== undefined && hold.name === nameOf(held) ? hold.time - since(hold.from, now) : 0;
    return Math.max(due, stillness, network.isOnline() ? 0 : POLL_ONLINE);
  }

  async function fly(cause: RotationCause): Promise<FlightEnd> {
    const watch = createWatch(clock);
    const before = view.held();
    if (before?.tokens.isFinal) return nothingSent('The server gave no refresh token', true);
    let stood = 0;
    let watched: string | undefined;
    for (;;) {
      if (!network.isOnline()) return nothingSent('The browser is offline');
      const now = view.held();
      if (now?.isStored === false && !(await outcomes.storeLate(now))) return outcomes.storageFailed('commit');
      // By what a tab read before it froze it would take the lock from one that has begun since.
      const isSteal = lock.isExclusive && !watch.wasLate() && schedule.maySteal(stood);
      const tried: { end: TryEnd } = { end: { end: 'watch' } };
      let letLand = () => {};
      const landing = new Promise<void>((resolve) => {
        letLand = resolve;
      });
      const locked = lock.hold(
        async (lost) => {
          // The lock may be granted late: what has come since is not to be rotated.
          tried.end = hasMoved(before)
            ? { end: 'moved' }
            : await attempt({
                cause: refused === nameOf(before) ? 'refusal' : cause,
                lost,
                isAlone: lock.isExclusive && !isSteal,
                isSteal,
                isWaiting,
                // Without the lock other tabs go by the lease.
                mayGiveUp: () => !lock.isExclusive || schedule.mayGiveUp(),
                watched: stood >= LEASE ? watched : undefined,
              });
          letLand();
          await unstored.storeUnderLock(lost);
        },
        { steal: isSteal },
      );
      holding = locked.catch(() => undefined);
      await Promise.race([landing, locked]);
      if (tried.end.end !== 'watch') return tried.end;
      await watch.pause();
      const isFresh = await view.read();
      const held = view.held();
      if (held === undefined || hasMoved(before) || isStopped) return { end: 'moved' };
      const seen = view.seen();
      watched = seen?.attempt?.id;
      // What could not be read may have changed. The next generation is no reason to take the lock either, though its
      // tokens have not come here yet.
      stood = isFresh && seen?.generation === held.record.generation ? watch.look(watched) : 0;
      const { failures } = held.record;
      if (failures !== undefined && failures.count > (before?.record.failures?.count ?? 0)) {
        return { end: 'wait', until: clock.now() + timeToRetry(failures, isWaiting(), clock.now()) };
      }
    }
  }

  function hasMoved(before: Held | undefined): boolean {
    return before === undefined || nameOf(view.held()) !== nameOf(before);
  }

  function nothingSent(why: string, permanent = false): FlightEnd {
    return { end: 'failed', error: new RotationError(`${why}, so nothing was sent.`, { permanent }) };
  }
}

function nameOf(held: Held | undefined): string | undefined {
  return held && contextOf(held.record);
}
