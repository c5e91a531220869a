/** The second logout of cookies that a rotation may have set after the first: by one tab, in its time or at the next start. */
import type { Core } from './core.ts';
import { revoke } from './revocation.ts';
import { LEASE, LONGEST_REQUEST } from './timing.ts';
import type { Undo } from './types.ts';

/** Whoever signs in as the page opens is ahead of it: by then the cookies are theirs. */
const SIGN_IN_TIME = 10_000;

export interface Farewell {
  /** If one is due, sets the alarm for it. */
  readonly check: () => void;
  readonly stop: Undo;
}

/** `isStarting`: whether somebody is signing in. */
export function createFarewell(core: Core, isStarting: () => boolean): Farewell {
  const { log, ports, view } = core;
  const { clock, network, vault } = ports;
  let disarm: Undo = () => undefined;
  return { check, stop: () => disarm() };

  function check(): void {
    disarm();
    const pending = view.seen()?.logoutPending;
    if (pending === undefined) return;
    const now = clock.now();
    const left = Math.min(LEASE + LONGEST_REQUEST, pending - now);
    disarm = clock.wake(now + Math.max(SIGN_IN_TIME, left), () => void repeat(pending));
  }

  async function repeat(pending: number): Promise<void> {
    if (!network.isOnline()) return; // Once it is back, it is checked again.
    let isOurs = false;
    try {
      await vault.update((record) => {
        // Another tab was first, or somebody has signed in.
        if (record?.logoutPending !== pending) return undefined;
        isOurs = true;
        return { ...record, logoutPending: undefined };
      });
    } catch (error) {
      isOurs = false;
      log('error', 'storage.failed', { operation: 'farewell', error: String(error) });
    }
    if (isOurs && !isStarting()) revoke(core, {}, true);
  }
}
