/** Who may go now, with which token, and who waits: between the scope and the network. */
import type { Core } from './core.ts';
import { RotationError, SessionEndedError } from './errors.ts';
import type { Gate } from './gate.ts';
import { unlessAborted } from './leaving.ts';
import { isSamePerson, type SessionRecord } from './record.ts';
import type { Rotator } from './rotator.ts';
import { reasonOf, type Store } from './state.ts';
import { momentOf, type Moment } from './timing.ts';
import { contextOf, isExpired, type Held } from './held.ts';

/** More than this between the two clocks, and the machine has slept: other tabs may have moved on. */
const SLEPT = 2_000;

/** A request, as far as it bears on waiting. */
export interface Entrant {
  readonly signal?: AbortSignal | undefined;
  readonly keepalive?: boolean;
  /** Since when it has been waiting. Default: it has not. */
  readonly from?: Moment | undefined;
}

export interface Admission {
  /** What a request may go with at once; nothing when it has to wait or there is no session. */
  readonly pass: () => Held | undefined;
  /**
   * What a request may go with, after waiting if it must; nothing when it goes without a token.
   *
   * @throws SessionEndedError, RotationError, QueueFullError, QueueTimeoutError, the signal's reason.
   */
  readonly enter: (request: Entrant) => Promise<Held | undefined>;
  /**
   * Looks again before tokens go out that had to wait for something after they were admitted: the newest of that person.
   *
   * @throws SessionEndedError when the session is over, or is somebody else's by now.
   */
  readonly check: (held: Held) => Held;
  /** Whether after a refusal of these others may be had: there are by now, or a rotation may follow. */
  readonly mayRenew: (held: Held) => boolean;
  /** Waits for tokens newer than these. None, when there could be none. */
  readonly renew: (held: Held, cause: 'refusal' | 'request', request: Entrant) => Promise<Held | undefined>;
  /** Waits, unless the signal is aborted or the session object disposed first. */
  readonly whileLive: <Value>(promise: Promise<Value>, signal: AbortSignal | undefined) => Promise<Value>;
}

export interface AdmissionOptions {
  readonly core: Core;
  readonly store: Store;
  readonly gate: Gate;
  readonly rotator: Rotator;
  /** A sign-in that is being stored. */
  readonly starting: () => Promise<SessionRecord> | undefined;
  /** A sign-out whose turn has not come. */
  readonly ending: () => Promise<void> | undefined;
  readonly ready: Promise<void>;
  /** Aborted when the session object is disposed. */
  readonly disposal: AbortSignal;
}

export function createAdmission(parts: AdmissionOptions): Admission {
  const { core, disposal, ending, gate, ready, rotator, starting, store } = parts;
  const { options, ports, view } = core;
  const { clock, vault } = ports;
  let looked = momentOf(clock);
  /** Those that wait for what is not the gate's. */
  const settling = new Set<() => void>();
  disposal.addEventListener('abort', () => {
    for (const leave of settling) leave();
  });

  return { pass, enter, check, mayRenew, renew, whileLive: orAbort };

  function pass(): Held | undefined {
    const held = view.held();
    if (held === undefined || disposal.aborted) return undefined;
    if (starting() !== undefined || ending() !== undefined || view.rechecking() !== undefined) return undefined;
    if (rotator.isFlying() || gate.isDraining()) return undefined;
    if (hasSlept()) {
      void view.recheck();
      return undefined;
    }
    return rotator.isTokenDead(held) || vault.isBuried(held.record.epoch) ? undefined : held;
  }

  function hasSlept(): boolean {
    const now = momentOf(clock);
    const slept = now.wall - looked.wall - (now.monotonic - looked.monotonic);
    looked = now;
    return slept > SLEPT;
  }

  async function enter(request: Entrant): Promise<Held | undefined> {
    const { signal } = request;
    if (request.keepalive) return enterAtOnce();
    // What comes after a sign-in's call belongs to that.
    const coming = starting();
    const first = coming === undefined ? view.held()?.record : await orAbort(coming, signal);
    // Waiting once more is not waiting anew.
    const from = request.from ?? momentOf(clock);
    let wasPatient = false;
    let isServed = false;
    for (;;) {
      disposal.throwIfAborted();
      const held = view.held();
      const before = starting() ?? ending() ?? (isRestoring() ? ready : held && view.rechecking());
      if (before !== undefined) {
        await orAbort<unknown>(before, signal);
        isServed = false;
        continue;
      }
      if (held === undefined) return nobody(first);
      if (first !== undefined) checkPerson(first, held.record);
      if (vault.isBuried(held.record.epoch)) {
        view.forget('signed-out');
        continue;
      }
      if (isServed) return held;
      if (rotator.isTokenDead(held)) {
        await untilRenewed({ from, signal });
        isServed = true;
        continue;
      }
      const mayGo = wasPatient || options.patience === 0 || !(rotator.isFlying() || gate.isDraining());
      if (mayGo) return held;
      // Whatever becomes of the rotation, its own token is good.
      await gate
        .wait({ signal, from, patience: options.patience, isNext: !rotator.isFlying() })
        .catch((error: unknown) => {
          if (!(error instanceof RotationError)) throw error;
        });
      wasPatient = true;
    }
  }

  /** The page may be on its way out: whatever is at hand, as long as it has not expired. */
  function enterAtOnce(): Held | undefined {
    const held = view.held();
    disposal.throwIfAborted();
    // Whose session it is by now is not known, and it cannot wait for that.
    if ((starting() ?? ending() ?? view.rechecking()) !== undefined || isRestoring()) return undefined;
    if (held === undefined) return nobody(undefined);
    return vault.isBuried(held.record.epoch) || isExpired(held, momentOf(clock)) ? undefined : held;
  }

  function isNewest({ record }: Held): boolean {
    const now = view.held();
    return now === undefined || contextOf(now.record) === contextOf(record);
  }

  function mayRenew(held: Held): boolean {
    return !isNewest(held) || rotator.mayFollowRefusal(held);
  }

  async function renew(held: Held, cause: 'refusal' | 'request', request: Entrant): Promise<Held | undefined> {
    const newer = () => {
      const now = check(held);
      return contextOf(now.record) === contextOf(held.record) ? undefined : now;
    };
    // An answer can be read in the moment of the page's return, before that has been looked into.
    await orAbort(view.rechecking() ?? Promise.resolve(true), request.signal);
    const already = newer();
    if (already !== undefined && !rotator.isTokenDead(already)) return already;
    if (already === undefined) {
      if (cause === 'refusal' && !rotator.mayFollowRefusal(held)) return undefined;
      void rotator.rotate(cause);
    }
    try {
      await untilRenewed(request);
    } catch (error) {
      // The caller is better served with the server's own answer than with why there is no other.
      if (cause === 'refusal' && error instanceof RotationError && error.permanent) return undefined;
      throw error;
    }
    return newer();
  }

  function check(held: Held): Held {
    disposal.throwIfAborted();
    const now = view.held();
    if (now !== undefined && vault.isBuried(now.record.epoch)) view.forget('signed-out');
    else if (now !== undefined) {
      checkPerson(held.record, now.record);
      return now;
    }
    throw new SessionEndedError(reasonOf(store.get()));
  }

  async function untilRenewed({ from, signal }: Entrant): Promise<void> {
    rotator.check();
    const standing = rotator.standing();
    if (standing?.permanent) throw standing;
    const waiting = gate.wait({ signal, from });
    rotator.check();
    await waiting;
  }

  function isRestoring(): boolean {
    return store.get().status === 'restoring';
  }

  /** Without a session. Who came while there was one is told how it ended, and never goes on as somebody else. */
  function nobody(first: SessionRecord | undefined): undefined {
    if (first === undefined && options.signedOut === 'anonymous') return undefined;
    throw new SessionEndedError(reasonOf(store.get()));
  }

  /** A request of one person never goes on as another's. */
  function checkPerson(first: SessionRecord, now: SessionRecord): void {
    if (!isSamePerson(first, now)) throw new SessionEndedError('replaced');
  }

  /** Waits, unless the signal is aborted or the session object disposed first. What went wrong with a sign-in is the request's failure too. */
  function orAbort<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    const living = new Promise<Value>((resolve, reject) => {
      const onDisposal = () => reject(disposal.reason);
      settling.add(onDisposal);
      promise.then(resolve, reject).finally(() => settling.delete(onDisposal));
    });
    return signal ? unlessAborted(living, signal) : living;
  }
}
