/** One try to rotate, made while the lock is held: prepare, claim, send. Design section 3, steps 3, 4, 7 and 8. */
import { decide, type Decision } from './claim.ts';
import type { Core } from './core.ts';
import { exchange, guarded, limit } from './exchange.ts';
import type { Outcomes, TryEnd } from './outcomes.ts';
import { persist } from './persistence.ts';
import { claimed, ended, isAt, type Attempt, type SessionRecord } from './record.ts';
import { LEASE, momentOf, type Moment } from './timing.ts';
import type { RotationCause, RotationOutcome, ServerContext } from './types.ts';
import { dateOf, doubtOf, isExpired, timeUntilEnd, type Held } from './held.ts';
import { createWatch } from './watch.ts';

/** Within it a tab that holds what storage refused has tried once more to store it. */
const HOLDERS_TURN = 3_000;

export interface Try {
  readonly cause: RotationCause;
  /** Aborted when the lock was taken from us. */
  readonly lost: AbortSignal;
  /** The lock was granted: nobody else can still have a request in flight. */
  readonly isAlone: boolean;
  /** The lock was taken from a tab that did not answer. */
  readonly isSteal: boolean;
  /** The attempt that has stood unchanged for a whole lease. */
  readonly watched: string | undefined;
  readonly isWaiting: () => boolean;
  /** Whether an answer that is late is waited for no more. */
  readonly mayGiveUp: () => boolean;
}

/** Makes the function that tries once. */
export function createRotation(core: Core, outcomes: Outcomes): (go: Try) => Promise<TryEnd> {
  const { log, options, ports, view } = core;
  const { clock, dice, network, tabs, vault } = ports;
  const { server } = options;
  const { commit, endEverywhere, fail, storageFailed } = outcomes;
  /** Claims of ours that led to nothing, should storage have kept them all the same. */
  const unsent = new Map<string, Attempt | undefined>();
  /** The last attempt that was ours: of that nobody knows more. */
  let own: string | undefined;

  return async (go) => {
    const held = view.held();
    if (held === undefined) return { end: 'moved' };
    const prepared = await limit(clock, go.lost, async (signal) =>
      server.prepare?.({
        signal,
        now: clock.now,
        fetch: (input, init) => network.fetch(input, { ...guarded(server, init), signal }),
      }),
    );
    if ('failure' in prepared) {
      return fail(held, go.isWaiting, { outcome: 'held-back', cause: prepared.failure });
    }
    return claim(held, go);
  };

  /** `asked`: the attempt about which the other tabs have just been asked. An answer of long ago is none: they may hold more by now. */
  async function claim(held: Held, go: Try, asked?: string): Promise<TryEnd> {
    const { epoch, generation } = held.record;
    const claimedAt = momentOf(clock);
    const fresh = { id: dice.id(), sentAt: claimedAt.wall, until: claimedAt.wall + LEASE };
    const isOurs = () => view.held()?.record.epoch === epoch && !vault.isBuried(epoch);
    const made: {
      decision: Decision;
      attempt?: Attempt;
      doubt?: Attempt | undefined;
      record?: SessionRecord | undefined;
    } = {
      decision: { do: 'adopt' },
    };
    try {
      made.record = await vault.update((stored) => {
        // The user may have signed out while storage was busy.
        made.decision = decide(isOurs() ? stored : undefined, {
          epoch,
          generation,
          cause: go.cause,
          now: clock.now(),
          waiting: go.isWaiting(),
          isExpired: isExpired(held, momentOf(clock)),
          isAlone: go.isAlone,
          keepalive: server.keepalive ?? false,
          watched: go.watched,
          unsent,
          remembered: doubtOf(held),
          known: asked ?? own,
          lostAnswer: server.lostAnswer ?? {},
        });
        if (stored === undefined) return undefined;
        if (made.decision.do === 'interrupt') return ended(stored, 'interrupted');
        if (made.decision.do !== 'send') return undefined;
        const { doubt } = made.decision;
        made.doubt = doubt;
        made.attempt = {
          ...fresh,
          firstSentAt: doubt?.firstSentAt ?? fresh.sentAt,
          resends: doubt ? doubt.resends + 1 : 0,
        };
        return claimed(stored, made.attempt, go.cause === 'user' ? claimedAt.wall : undefined);
      });
    } catch (error) {
      unsent.set(fresh.id, made.doubt);
      await withdraw(fresh.id, made.doubt);
      return storageFailed('claim', error);
    }
    const { attempt: presented, decision } = made;
    switch (decision.do) {
      case 'adopt':
      case 'interrupt':
      case 'outlive':
        await view.follow(made.record);
        if (decision.do === 'interrupt') tabs.announce({ v: 1, kind: 'ended', epoch, generation });
        return { end: decision.do === 'outlive' ? 'outlive' : 'moved' };
      case 'wait':
        return { end: 'wait', until: decision.until };
      case 'watch':
        return { end: 'watch' };
      case 'ask':
        return (await view.ask()) || go.lost.aborted ? { end: 'moved' } : claim(held, go, decision.attempt);
      case 'probe':
        return probe(held, go, decision.doubt, claimedAt);
      case 'send':
        if (presented === undefined) return { end: 'watch' };
        own = presented.id;
        // Should the database be deleted now, what is put back has the claim.
        void view.follow(made.record);
        return send(held, go, presented, decision.doubt, claimedAt);
    }
  }

  /** Takes back a claim that storage may have kept although it said no: to the other tabs it would be a presentation. */
  async function withdraw(id: string, doubt: Attempt | undefined): Promise<void> {
    const kept = await persist(
      'withdraw',
      (stored) =>
        stored?.attempt?.id === id && stored.ended === undefined ? { ...stored, attempt: doubt } : undefined,
      () => view.held() !== undefined,
      ports,
      log,
    );
    if (kept !== undefined) await view.follow(kept.record);
  }

  async function send(
    held: Held,
    go: Try,
    presented: Attempt,
    doubt: Attempt | undefined,
    claimedAt: Moment,
  ): Promise<TryEnd> {
    const outcome = await exchange(
      exchangeOptions(held),
      (context) => server.rotate(held.tokens, context),
      claimedAt,
      go.lost,
      go.mayGiveUp,
    );
    log(outcome.outcome === 'rotated' ? 'info' : 'warn', `rotation.${outcome.outcome}`, {
      cause: go.cause,
      generation: held.record.generation,
      status: 'status' in outcome ? outcome.status : undefined,
      resends: presented.resends,
    });
    switch (outcome.outcome) {
      case 'rotated':
        return commit(held, outcome.tokens, claimedAt, {
          cause: go.cause,
          resent: presented.resends > 0,
          serverTime: outcome.serverTime,
        });
      case 'rejected':
        if (go.isSteal && (await wasOvertaken(held))) return { end: 'moved' };
        return endEverywhere(held, (timeUntilEnd(held, momentOf(clock)) ?? 1) > 0 ? 'rejected' : 'expired');
      case 'unknown':
        return fail(held, go.isWaiting, outcome, { presented, remains: { ...presented, lost: true } });
      default:
        unsent.set(presented.id, doubt);
        return fail(held, go.isWaiting, outcome, { presented, remains: doubt && { ...doubt, lost: true } });
    }
  }

  /** Asks the server by other means whether the rotation whose answer was lost has landed. */
  async function probe(held: Held, go: Try, doubt: Attempt, claimedAt: Moment): Promise<TryEnd> {
    const outcome: RotationOutcome =
      server.lostAnswer === 'probe'
        ? await exchange(exchangeOptions(held), (context) => probed(held, context), claimedAt, go.lost)
        : { outcome: 'rejected' };
    if (outcome.outcome === 'rotated') {
      // What it tells of is as old as the rotation.
      const { sent } = dateOf({ sentAt: doubt.firstSentAt }, claimedAt);
      return commit(held, outcome.tokens, sent, { cause: go.cause, resent: false });
    }
    if (outcome.outcome !== 'rejected') return fail(held, go.isWaiting, outcome, { presented: doubt, remains: doubt });
    const { epoch, generation } = held.record;
    const isStored = await persist(
      'probe',
      (stored) =>
        isAt(stored, epoch, generation) && stored.attempt?.id === doubt.id
          ? { ...stored, attempt: { ...doubt, lost: true, probed: true } }
          : undefined,
      () => true,
      ports,
      log,
    );
    if (isStored === undefined) return storageFailed('probe');
    // Who presented it may hold what it won, and storage takes that again as it took this.
    return { end: 'wait', until: clock.now() + (doubt.lost ? 0 : HOLDERS_TURN) };
  }

  function probed(held: Held, context: ServerContext): Promise<RotationOutcome> {
    return server.probe?.(held.tokens, context) ?? Promise.resolve({ outcome: 'rejected' });
  }

  /** The tab that the lock was stolen from may have won: its answer counts, ours was the second. */
  async function wasOvertaken(held: Held): Promise<boolean> {
    const watch = createWatch(clock);
    while (watch.look(undefined) < LEASE) {
      await watch.pause();
      // Slow storage must not make the wait longer than the others wait before they take the lock from us.
      void view.read();
      const now = view.held()?.record;
      if (now?.epoch !== held.record.epoch || now.generation !== held.record.generation) return true;
    }
    return false;
  }

  function exchangeOptions(held: Held) {
    return { server, clock, network, skew: held.record.skew?.offset ?? 0 };
  }
}
