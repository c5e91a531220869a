/** The beginning of an epoch: the tokens of any login, stored for all tabs. */
import type { Core } from './core.ts';
import { SessionEndedError } from './errors.ts';
import type { Gate } from './gate.ts';
import { fieldsOf } from './options.ts';
import { begun, isSamePerson, replacing, type SessionRecord } from './record.ts';
import { lifeOf } from './renewal.ts';
import { revoke } from './revocation.ts';
import { momentOf, type Moment } from './timing.ts';
import { checkTokens } from './tokens.ts';
import type { Session, Tokens } from './types.ts';
import { tokensOf } from './handover.ts';
import { contextOf, type Held } from './held.ts';

export interface SignIn {
  readonly start: Session['start'];
  /** The sign-in that is being stored. */
  readonly pending: () => Promise<SessionRecord> | undefined;
}

export function createSignIn(core: Core, gate: Gate, ending: () => Promise<void> | undefined): SignIn {
  const { log, options, ports, tab, view } = core;
  const { clock, dice, seal, tabs, vault } = ports;
  const { server } = options;
  let pending: Promise<SessionRecord> | undefined;

  return {
    pending: () => pending,
    start: (response, given = {}) => {
      const sent = momentOf(clock);
      const before = pending;
      const turn = ending();
      // Of two sign-ins the later one wins, whatever became of the other.
      const flight = (async () => {
        await before?.catch(() => undefined);
        await turn;
        const user = fieldsOf(given, 'The options of start', new Set(['user']))('user');
        if (user !== undefined && typeof user !== 'string') throw new TypeError('user must be a string.');
        return begin(checkTokens(server.readTokens(response)), sent, user);
      })().finally(() => {
        if (pending === flight) pending = undefined;
      });
      pending = flight;
      return flight.then(() => undefined);
    },
  };

  async function begin(tokens: Tokens, sent: Moment, user = tokens.user): Promise<SessionRecord> {
    const epoch = dice.id();
    const first = begun(epoch, {
      ...lifeOf(tokens, sent.wall, options.schedule.first, core),
      startedAt: sent.wall,
      key: tokens.key,
      user,
      endsAt: tokens.endsIn === undefined ? undefined : sent.wall + tokens.endsIn,
    });
    let replaced: SessionRecord | undefined;
    let record: SessionRecord | undefined;
    try {
      const sealed = await seal.seal(JSON.stringify(tokens), contextOf(first));
      record = await vault.update((stored) => {
        replaced = stored;
        // Where the database was deleted, a tab may put back what was here before.
        return replacing(stored ?? view.seen(), { ...first, sealed });
      });
    } catch (error) {
      log('error', 'storage.failed', { operation: 'start', error: String(error), tab });
    }
    // What a rotation of it wins yet is to be revoked, though the same person is back.
    if (replaced?.ended === 'signed-out') vault.bury(replaced.epoch);
    const before = view.held();
    if (before !== undefined && !isSamePerson(before.record, first)) gate.reject(new SessionEndedError('replaced'));
    // Also what storage refused, or only seemed to refuse, knows what it took the place of.
    const own = record ?? replacing(replaced ?? view.seen(), first);
    view.take({ record: own, tokens, sent, isStored: record !== undefined });
    // Asked first: who hears of the sign-in has nothing to answer any more.
    if (record !== undefined && replaced !== undefined && !isSamePerson(replaced, first))
      void revokeReplaced(replaced, before);
    tabs.announce({ v: 1, kind: 'started', epoch, generation: 0 });
    return first;
  }

  /** Somebody else's tokens are of no more use. The same person's may belong to one grant with the new ones, and stay. */
  async function revokeReplaced(record: SessionRecord, before: Held | undefined): Promise<void> {
    // In the place of cookies there are those of the new session by now.
    if (record.ended !== undefined || server.keepalive) return;
    try {
      const isHere = before !== undefined && contextOf(before.record) === contextOf(record);
      const found = isHere ? before : await tokensOf(record, ports);
      if (found !== undefined) revoke(core, found.tokens);
    } catch (error) {
      log('warn', 'revocation.failed', { error: String(error) });
    }
  }
}
