/** The end of an epoch by the user's will: in this tab at once, in the record, in the other tabs, and at the server. */
import type { Core } from './core.ts';
import { persist } from './persistence.ts';
import type { Change } from './ports.ts';
import { ended, type SessionRecord } from './record.ts';
import { revoke } from './revocation.ts';
import { LONGEST_REQUEST } from './timing.ts';
import type { EndReason, Tokens } from './types.ts';
import { tokensOf } from './handover.ts';

const REASONS: ReadonlySet<EndReason> = new Set([
  'signed-out',
  'rejected',
  'idle',
  'max-age',
  'expired',
  'interrupted',
  'replaced',
]);

/** Makes the function that signs out. It waits for no lock and no network, and never rejects. `onEnd`: once it is stored. */
export function createSignOut(core: Core, onEnd: () => void): (reason: EndReason | undefined) => Promise<void> {
  const { log, options, ports, view } = core;
  const { server } = options;
  const { tabs, vault } = ports;
  let last: Promise<void> = Promise.resolve();
  return (given) => {
    // Whoever asks again waits for the same wipe.
    if ((view.held() ?? view.unopened()) !== undefined) last = signOut(given);
    return last;
  };

  async function signOut(given: EndReason | undefined): Promise<void> {
    const reason = given !== undefined && REASONS.has(given) ? given : 'signed-out';
    const held = view.held();
    // Of a session that no tab has handed over the record is known, and ends all the same.
    const own = held?.record ?? view.unopened();
    if (own === undefined) return;
    const { epoch, generation } = own;
    vault.bury(epoch);
    view.forget(reason);
    let stored: SessionRecord | undefined;
    // Where storage refuses nobody can say that it is not.
    let isOurs = true;
    const change: Change = (record) => {
      // The database was deleted: a tab that has not heard yet would put the session back.
      if (record === undefined) return ended(own, reason);
      isOurs = false;
      // Only this epoch: the tab may be stale, and somebody else signed in by now.
      if (record.epoch !== epoch) return undefined;
      // Cookies may have outlived a session that was interrupted.
      isOurs = record.ended !== 'signed-out';
      if (record.ended !== undefined) return undefined;
      stored = record;
      const { attempt } = record;
      // A rotation may set cookies after the logout.
      const isPending = server.keepalive && server.revoke && attempt;
      return ended(record, reason, isPending ? attempt.until + LONGEST_REQUEST : undefined);
    };
    const settle = async (record: SessionRecord | undefined): Promise<void> => {
      if (view.held() === undefined) await view.follow(record);
      onEnd();
    };
    try {
      await settle(await vault.update(change));
    } catch (error) {
      log('error', 'storage.failed', { operation: 'end', error: String(error) });
      // Nobody waits for it, but what is not wiped is still on the disk.
      void persist('end', change, () => true, ports, log).then((kept) => kept && settle(kept.record));
    }
    // Asked first: who hears of the end has nothing to answer any more.
    const asking = newer(stored, generation);
    tabs.announce({ v: 1, kind: 'ended', epoch, generation });
    void asking.then((newest) => {
      const tokens = newest ?? held?.tokens;
      // The cookies may be somebody else's by now; and of a rotation under way storage alone could tell.
      if (tokens !== undefined && (isOurs || !server.keepalive))
        revoke(core, tokens, stored === undefined || stored.attempt !== undefined);
    });
  }

  /** Tokens that another tab has won since, and that this one has not seen. */
  async function newer(record: SessionRecord | undefined, generation: number): Promise<Tokens | undefined> {
    if (record === undefined || record.generation <= generation) return undefined;
    try {
      return (await tokensOf(record, ports))?.tokens;
    } catch {
      return undefined; // Unreadable: what this tab holds is the next best.
    }
  }
}
