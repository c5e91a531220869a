/** What is written once it is known how a rotation went: the next generation, the end, or one more failure. Design section 3, steps 5, 6 and 9. */
import type { Core } from './core.ts';
import { RotationError } from './errors.ts';
import {
  ended,
  failed,
  isAt,
  isSamePerson,
  laterOf,
  renewed,
  replacing,
  type Attempt,
  type SessionRecord,
} from './record.ts';
import { persist } from './persistence.ts';
import { renewalOf, type Circumstances } from './renewal.ts';
import { revoke } from './revocation.ts';
import { failedAgain, momentOf, STORAGE_TIMEOUT, type Moment } from './timing.ts';
import { isSomebodyElse } from './tokens.ts';
import type { EndReason, RotationOutcome, Tokens } from './types.ts';
import { contextOf, isReplacedBy, type Held } from './held.ts';

/** How a try to rotate ended. */
export type TryEnd =
  /** New tokens, won here. */
  | { readonly end: 'rotated' }
  /** The record has moved on, or the session is over: the view says how. */
  | { readonly end: 'moved' }
  /** Another tab's request may still win. */
  | { readonly end: 'watch' }
  | { readonly end: 'wait'; readonly until: number }
  /** In doubt: nothing can be done before the access token has expired. */
  | { readonly end: 'outlive' }
  /** `notBefore`: where the record could not say so, because it could not be written. */
  | { readonly end: 'failed'; readonly error: RotationError; readonly notBefore?: number };

type Failure = Exclude<RotationOutcome, { readonly outcome: 'rotated' | 'rejected' }>;

export interface Outcomes {
  /** Makes the tokens the next generation, unless the epoch or the generation has moved on. */
  readonly commit: (held: Held, tokens: Tokens, sent: Moment, by: Circumstances) => Promise<TryEnd>;
  /** Ends the epoch, unless another tab has a newer generation. */
  readonly endEverywhere: (held: Held, reason: EndReason) => Promise<TryEnd>;
  /** Counts the failure for all tabs. `doubt`: what was presented, and what of it remains in doubt. */
  readonly fail: (
    held: Held,
    isWaiting: () => boolean,
    outcome: Failure,
    doubt?: { readonly presented: Attempt; readonly remains: Attempt | undefined },
  ) => Promise<TryEnd>;
  /** Tries once more to store tokens that storage refused when they came. */
  readonly storeLate: (held: Held) => Promise<boolean>;
  /** The error of a try that may not be made yet. */
  readonly tooSoon: (retryAt: number | undefined) => RotationError;
  readonly storageFailed: (operation: string, cause?: unknown) => Extract<TryEnd, { readonly end: 'failed' }>;
}

export function createOutcomes(core: Core): Outcomes {
  const { log, options, ports, view } = core;
  const { clock, dice, seal, tabs, vault } = ports;
  const { server } = options;
  return { commit, endEverywhere, fail, storeLate, storageFailed, tooSoon };

  async function commit(held: Held, tokens: Tokens, sent: Moment, by: Circumstances): Promise<TryEnd> {
    const { epoch, generation } = held.record;
    const received = momentOf(clock);
    if (isSomebodyElse(held.tokens, tokens)) {
      revoke(core, tokens);
      return endEverywhere(held, 'replaced');
    }
    const renewal = renewalOf(held.record, tokens, sent, by, core);
    const isOurs = () => view.held()?.record.epoch === epoch && !vault.isBuried(epoch);
    let isFenced = false;
    let record: SessionRecord | undefined;
    let isStored = true;
    try {
      const sealed = await seal.seal(JSON.stringify(tokens), contextOf({ epoch, generation: generation + 1 }));
      record = await vault.update((stored = held.record) => {
        isFenced = !isAt(stored, epoch, generation) || !isOurs();
        return isFenced ? undefined : renewed(stored, { ...renewal, sealed });
      });
    } catch (error) {
      log('error', 'storage.failed', { operation: 'commit', error: String(error) });
      isStored = false;
      isFenced = view.held()?.record.generation !== generation;
    }
    // A sign-out may have come while the record was being written: its own write follows ours.
    if (isFenced || !isOurs()) {
      // Cookies of the same person serve the new session.
      const isBuried = !server.keepalive && vault.isBuried(epoch);
      if (isBuried || isOver(held.record, record ?? view.held()?.record)) revoke(core, tokens);
      await (isStored ? view.follow(record) : view.read());
      return { end: 'moved' };
    }
    view.take({ record: record ?? renewed(held.record, renewal), tokens, sent, received, isStored });
    // Told even where storage refused it: who finds less in the record asks for it.
    tabs.announce({ v: 1, kind: 'rotated', epoch, generation: generation + 1 });
    return { end: 'rotated' };
  }

  async function storeLate(held: Held): Promise<boolean> {
    try {
      const sealed = await seal.seal(JSON.stringify(held.tokens), contextOf(held.record));
      let isNews = false;
      const { epoch, generation } = held.record;
      const record = await vault.update((stored) => {
        isNews = !vault.isBuried(epoch) && (stored === undefined || isBefore(stored, held, momentOf(clock)));
        // A newer version of the app may have added fields of its own since.
        const known = stored?.epoch === epoch ? stored : undefined;
        const next = { ...known, attempt: undefined, failures: undefined, ...held.record, sealed };
        return isNews ? replacing(stored, next) : undefined;
      });
      if (!server.keepalive && isOver(held.record, record)) revoke(core, held.tokens);
      await view.follow(record);
      // A sign-in is one to the others only now.
      if (isNews) tabs.announce({ v: 1, kind: generation === 0 ? 'started' : 'rotated', epoch, generation });
      return true;
    } catch {
      return false; // Reported by the caller.
    }
  }

  async function endEverywhere(held: Held, reason: EndReason): Promise<TryEnd> {
    const { epoch, generation } = held.record;
    let isOurs = false;
    try {
      const record = await vault.update((stored) => {
        if (!isAt(stored, epoch, generation)) return undefined;
        isOurs = true;
        return ended(stored, reason);
      });
      await view.follow(record);
      // Where the database was deleted meanwhile, it has been put back: as another tab knows it, or else it ends.
      if (record === undefined && isAt(view.held()?.record, epoch, generation))
        return await endEverywhere(held, reason);
      if (!isOurs) return { end: 'moved' };
      tabs.announce({ v: 1, kind: 'ended', epoch, generation });
      // Cookies stay where they are unless their server takes them back.
      if (reason === 'expired' && server.keepalive) revoke(core, held.tokens, true);
    } catch (error) {
      log('error', 'storage.failed', { operation: 'end', error: String(error) });
      if (isAt(view.held()?.record, epoch, generation)) view.forget(reason);
    }
    return { end: 'moved' };
  }

  async function fail(
    held: Held,
    isWaiting: () => boolean,
    outcome: Failure,
    doubt?: { readonly presented: Attempt; readonly remains: Attempt | undefined },
  ): Promise<TryEnd> {
    const { epoch, generation } = held.record;
    const at = {
      roll: dice.roll(),
      waiting: isWaiting(),
      retryAfter: 'retryAfter' in outcome ? outcome.retryAfter : undefined,
      isEarly: outcome.outcome === 'held-back' && outcome.status === 200,
    };
    // Where it can be stored only late, others may have failed meanwhile.
    const fallen = (record: SessionRecord) =>
      failed(
        record,
        failedAgain(record.failures, { ...at, now: clock.now() }),
        doubt === undefined ? record.attempt : doubt.remains,
      );
    const isHeld = () => isAt(view.held()?.record, epoch, generation);
    let hasRun = false;
    // As long as it is not stored, the other tabs see a claim of which nobody knows what came of it.
    const stored = await persist(
      'fail',
      (found) => {
        if (!isAt(found, epoch, generation)) return undefined;
        // One that took too long may have been done all the same, and another tab may have made a claim since.
        const isDue = hasRun ? found.attempt?.id === doubt?.presented.id : !doubt || isOf(doubt.presented, found);
        hasRun ||= isDue && doubt !== undefined;
        return isDue ? fallen(found) : undefined;
      },
      isHeld,
      ports,
      log,
    );
    const record = stored?.record ?? (isHeld() ? fallen(held.record) : undefined);
    // Where the database was deleted, the view puts back what it holds.
    if (stored !== undefined) {
      if (stored.record === undefined) take(record);
      await view.follow(stored.record);
    }
    if (!isAt(record, epoch, generation) || !isHeld()) return { end: 'moved' };
    take({ ...record, attempt: laterOf(record.attempt, doubt?.remains) });
    return { end: 'failed', error: errorOf(outcome, record.failures?.retryAt) };

    function take(next: SessionRecord | undefined): void {
      const now = view.held();
      if (now !== undefined && next !== undefined) view.take({ ...now, record: next });
    }
  }

  function storageFailed(operation: string, cause?: unknown): Extract<TryEnd, { readonly end: 'failed' }> {
    log('error', 'storage.failed', { operation, error: String(cause) });
    const notBefore = clock.now() + STORAGE_TIMEOUT;
    const said = 'The session record could not be written, so nothing was sent.';
    return { end: 'failed', error: new RotationError(said, { cause, retryAt: notBefore }), notBefore };
  }
}

/**
 * Whether what a rotation of the one record won must be revoked, as the other record stands now: after a
 * sign-out, or when somebody else signed in. A living epoch's siblings, and what the same person was given
 * by signing in again, may belong to one grant with it, and would be revoked too.
 */
function isOver(before: SessionRecord, now: SessionRecord | undefined): boolean {
  return now === undefined || now.ended !== undefined || !isSamePerson(before, now);
}

/**
 * Whether the record's claim is this one, and nobody has said what came of it; or an earlier one, put back by a tab that
 * did not know of it. The claim that such a tab has made since stands until it says itself what came of it.
 */
function isOf(presented: Attempt, { attempt }: SessionRecord): boolean {
  if (attempt?.id === presented.id) return attempt.lost === presented.lost;
  const isStanding = attempt !== undefined && !attempt.lost && attempt.sentAt > presented.sentAt;
  return !isStanding && laterOf(attempt, presented) === presented;
}

/** Whether the stored record is older than ours: of the same epoch, or of one that ours replaced. */
function isBefore(stored: SessionRecord, held: Held, now: Moment): boolean {
  const { record } = held;
  if (stored.epoch !== record.epoch) return isReplacedBy(held, stored, now);
  return stored.ended === undefined && stored.generation < record.generation;
}

function tooSoon(retryAt: number | undefined): RotationError {
  return new RotationError('It is too soon to rotate again, so nothing was sent.', { retryAt });
}

function errorOf(outcome: Failure, retryAt: number | undefined): RotationError {
  const status = outcome.status === undefined ? '' : ` (status ${outcome.status})`;
  switch (outcome.outcome) {
    case 'misconfigured':
      return new RotationError(
        `The token server refused the request itself${status}: ${outcome.code ?? 'no error code'}.`,
        { status: outcome.status, retryAt, permanent: true },
      );
    case 'held-back':
      return new RotationError(`The token server did not take the request${status}.`, { ...outcome, retryAt });
    case 'unknown':
      return new RotationError(`The token server gave no usable answer${status}.`, { ...outcome, retryAt });
  }
}
