/** The lock over all tabs, by Web Locks; where there are none it lets everybody in, and the record's lease decides. */
import type { Lock } from '../core/ports.ts';

/** Makes the lock of that name. The name stays for ever: two versions of an app keep each other out by it. */
export function webLock(name: string): Lock {
  // Missing on plain http: Web Locks are for secure contexts only.
  let locks: LockManager | undefined = navigator.locks;

  return {
    get isExclusive() {
      return locks !== undefined;
    },
    hold: async (task, options) => {
      const lost = new AbortController();
      let running: Promise<void> | undefined;
      const run = (): Promise<void> => {
        running = (async () => task(lost.signal))();
        return running;
      };
      try {
        if (!locks) await run();
        else {
          await locks.request(name, options?.steal ? { steal: true } : { ifAvailable: true }, (lock) =>
            // It may have been stolen between the grant and this call: whoever took it acts now.
            lock && !lost.signal.aborted ? run() : undefined,
          );
        }
      } catch (error) {
        // The task failed, and its error is thrown again below; or the lock was stolen, and the task, which runs on
        // without it, has to be told.
        if (running || isPassing(error)) lost.abort(error);
        else {
          // A sandboxed frame has the interface, and is refused at each use: its origin is its own, nobody shares it.
          locks = undefined;
          await run();
        }
      }
      if (!running) return 'busy';
      await running;
      return 'held';
    },
  };
}

/** Stolen between the grant and the call, or asked for by a page that is on its way out: the lock itself is sound. */
function isPassing(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'AbortError' || error.name === 'InvalidStateError');
}
