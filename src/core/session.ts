/** A session: the parts joined, without a platform under them. */
import { createAdmission } from './admission.ts';
import type { Core } from './core.ts';
import { SessionEndedError } from './errors.ts';
import { createEvents } from './events.ts';
import { createFarewell } from './farewell.ts';
import { createFetch } from './fetch.ts';
import { createGate } from './gate.ts';
import { answerTo } from './handover.ts';
import { contextOf, timeUntil, type Held } from './held.ts';
import { keepInsides } from './insides.ts';
import { createLimits } from './limits.ts';
import { createLog } from './log.ts';
import { fieldsOf, readSeconds, type Options } from './options.ts';
import { createOutcomes } from './outcomes.ts';
import type { Ports } from './ports.ts';
import { createRotator, type FlightEnd } from './rotator.ts';
import { createScope } from './scope.ts';
import { createSignIn } from './sign-in.ts';
import { createSignOut } from './sign-out.ts';
import { createStore, reasonOf } from './state.ts';
import { ASK_TIME, momentOf, type Moment } from './timing.ts';
import { checkTokens, expiryOf } from './tokens.ts';
import type { Inspection, Session, SessionState, Tokens } from './types.ts';
import { createView } from './view.ts';
import { createWatch } from './watch.ts';

/** How often the record is tried to be read at the start. */
const READS = 3;

export interface CoreSession extends Omit<Session, 'dispose'> {
  /** Resolves when nothing of it goes on any more: a rotation in flight is let land. */
  readonly dispose: () => Promise<void>;
}

/** Opens the session that the options describe, in the world that the ports give. */
export function openSession(options: Options, ports: Ports): CoreSession {
  const { activity, clock, dice, network, page, tabs } = ports;
  const { server } = options;
  const scope = createScope({ ...options, page });
  const tab = dice.id();
  const log = createLog(options.logger, clock, ports.report);
  const events = createEvents(ports.report);
  const store = createStore(ports.report, tell);
  const gate = createGate(clock, options.queue);
  const view = createView({ ports, leeway: options.leeway, tab, store, events, log, isWaiting });
  const core: Core = { ports, options, tab, events, log, view };
  const outcomes = createOutcomes(core);
  const rotator = createRotator({ core, outcomes, waiting: { ...gate, isWaiting }, onEnd });
  const limits = createLimits(core, outcomes);
  const signIn = createSignIn(core, gate, () => ending);
  const farewell = createFarewell(core, () => signIn.pending() !== undefined);
  const signOut = createSignOut(core, farewell.check);
  /** The epoch and generation whose arrival the waiting requests have been told of. */
  let served: string | undefined;
  /** A sign-out whose turn has not come: after the sign-in or the read that came before it. */
  let ending: Promise<void> | undefined;
  let pushing: Promise<void> = Promise.resolve();
  const disposal = new AbortController();

  view.onChange(onChange);
  const undos = [
    // A message is a hint: nothing in it is believed, it is a reason to look.
    tabs.hear(({ epoch, generation, kind }) => {
      // Also of another epoch: a read that is under way may bring just that, as it was before.
      if (kind !== 'rotated') return void view.recheck();
      // Also where another epoch is told of: what a tab has put back may take the place of ours.
      if (view.held() !== undefined)
        void view.read().then(() => {
          const held = view.held();
          // Storage has refused what that tab won.
          if (held?.record.epoch === epoch && held.record.generation < generation) void view.ask();
        });
    }),
    activity.onReturn(() => void view.recheck().then(onChange)),
  ];
  const unanswer = tabs.answer((wanted) => answerTo(wanted, view.held()));
  const ready = restore();
  const admission = createAdmission({
    core,
    store,
    gate,
    rotator,
    ready,
    starting: signIn.pending,
    ending: () => ending,
    disposal: disposal.signal,
  });
  const requests = { scope, base: page.base, now: () => momentOf(clock), server, network, admission, onPushed };

  return {
    start: (...given) => (disposal.signal.aborted ? Promise.reject(disposal.signal.reason) : signIn.start(...given)),
    fetch: keepInsides(createFetch(requests), requests),
    token: async (given = {}) => {
      const option = fieldsOf(given, 'The options of token', new Set(['minValidity', 'signal']));
      const minValidity = readSeconds('minValidity', option('minValidity') ?? 0, 86_400);
      const signal = Object.hasOwn(given, 'signal') ? given.signal : undefined;
      signal?.throwIfAborted();
      const request = { signal, from: momentOf(clock) };
      const entered = await admission.enter(request);
      if (entered === undefined) throw new SessionEndedError(reasonOf(store.get()));
      const { life = Number.POSITIVE_INFINITY } = entered.record;
      const left = timeUntil(life, entered, momentOf(clock));
      // A token that has lived a quarter of its life or less is as fresh as one can be had.
      const isShort = left < minValidity && left < life * 0.75;
      const newer = isShort ? await admission.renew(entered, 'request', request) : undefined;
      return (newer ?? entered).tokens.accessToken ?? '';
    },
    rotate: async () => {
      disposal.signal.throwIfAborted();
      await ready;
      await signIn.pending();
      disposal.signal.throwIfAborted();
      const before = view.held();
      if (before === undefined) throw new SessionEndedError(reasonOf(store.get()));
      const end = await rotator.rotate('user');
      if (end.end === 'failed') throw end.error;
      if (end.end === 'wait' || end.end === 'outlive')
        throw outcomes.tooSoon(end.end === 'wait' ? end.until : undefined);
      if (view.held() === undefined) throw new SessionEndedError(reasonOf(store.get()));
    },
    end: (given) => {
      const reason = given && Object.hasOwn(given, 'reason') ? given.reason : undefined;
      const before =
        signIn.pending()?.catch(() => undefined) ?? (store.get().status === 'restoring' ? ready : undefined);
      if (before === undefined) return signOut(reason);
      // Once it has its turn nobody waits for its write: that may take longer than the next sign-in.
      const turn = before.then(() => {
        if (ending === turn) ending = undefined;
      });
      ending = turn;
      return turn.then(() => signOut(reason));
    },
    touch: () => {
      activity.touch();
      rotator.check();
    },
    on: events.on,
    subscribe: store.subscribe,
    get state() {
      return store.get();
    },
    ready,
    inspect,
    dispose: async () => {
      if (disposal.signal.aborted) return;
      const disposed = new SessionEndedError('disposed');
      disposal.abort(disposed);
      for (const undo of undos) undo();
      rotator.stop();
      limits.stop();
      farewell.stop();
      gate.reject(disposed, true);
      store.clear();
      events.clear();
      const before = view.held();
      await Promise.allSettled([rotator.landed(), signIn.pending(), ending, ready]);
      // What has just been won may be with no other tab yet: they are told of it, and ask.
      if (view.held()?.tokens !== before?.tokens) await createWatch(clock).pause(ASK_TIME);
      unanswer();
    },
  };

  /** A read that fails is tried again: a slow disk must not look like signed out. */
  async function restore(): Promise<void> {
    for (let tries = 0; tries < READS && store.get().status === 'restoring'; tries += 1) {
      if (tries > 0) await createWatch(clock).pause();
      await view.read();
    }
    store.dispatch({ type: 'nothing-stored' });
    onChange();
  }

  function isWaiting(): boolean {
    return gate.needy() > 0 && activity.isVisible();
  }

  /** One after the other: which of two expires later shows once the first is in. */
  function onPushed(held: Held, tokens: Tokens): Promise<void> {
    const arrived = momentOf(clock);
    pushing = pushing.then(() => takePushed(held, tokens, arrived));
    return pushing;
  }

  async function takePushed(held: Held, tokens: Tokens, arrived: Moment): Promise<void> {
    const now = view.held();
    // The request went with an older generation, and what it brings may still be the newest.
    const isSame = now?.record.epoch === held.record.epoch;
    const isLater =
      isSame && (expiryOf(tokens.accessToken) ?? 0) > (expiryOf(now.tokens.accessToken) ?? Number.POSITIVE_INFINITY);
    // Another answer has brought as much.
    if (isSame && !isLater && now.record.generation !== held.record.generation) return;
    try {
      await outcomes.commit(isLater ? now : held, checkTokens(tokens), arrived, { cause: 'request', resent: false });
    } catch (error) {
      log('warn', 'adoption.failed', { error: String(error) });
    }
  }

  /** After each change of what is held: lets go whom it serves, and looks when the next thing is due. */
  function onChange(): void {
    if (disposal.signal.aborted) return;
    const held = view.held();
    const name = held && contextOf(held.record);
    if (held === undefined) gate.reject(new SessionEndedError(reasonOf(store.get())));
    else if (name !== served && !rotator.isTokenDead(held)) gate.release('all');
    served = name;
    limits.check();
    farewell.check();
    rotator.check();
  }

  function onEnd(end: FlightEnd): void {
    const held = view.held();
    if (end.end === 'outlive' || (end.end === 'rotated' && held !== undefined && rotator.isWorthSending(held)))
      gate.release('all');
    else if (end.end === 'failed' && end.error.permanent) gate.reject(end.error);
    else if (held !== undefined && !rotator.isTokenDead(held)) gate.release('patient');
  }

  function tell(before: SessionState, after: SessionState): void {
    log('debug', 'state', { from: before.status, to: after.status });
    if (after.status === 'ended') events.emit('ended', { reason: after.reason });
    else if (after.status === before.status) return;
    else if (after.status === 'stale') events.emit('stale', { retryAt: after.retryAt });
    else if (after.status === 'active' && before.status === 'stale')
      events.emit('recovered', { generation: after.generation });
  }

  function inspect(): Inspection {
    const record = view.held()?.record;
    const { attempt, failures, last, skew, startedAt } = record ?? {};
    return {
      state: store.get(),
      tab,
      role: tabs.isLeader() ? 'leader' : 'follower',
      age: startedAt === undefined ? undefined : clock.now() - startedAt,
      generation: record?.generation,
      lastRotation: last,
      attempt: attempt && { sentAt: attempt.sentAt, resends: attempt.resends },
      waiting: gate.size(),
      failures: failures?.count ?? 0,
      skew: skew?.offset ?? 0,
      missing: ports.missing(),
    };
  }
}
