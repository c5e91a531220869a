/** Writes that are tried again and again, because the other tabs would be misled without them. */
import type { Log } from './log.ts';
import type { Change, Ports } from './ports.ts';
import type { SessionRecord } from './record.ts';
import { POLL } from './timing.ts';
import type { Undo } from './types.ts';

/** Nobody waits for it longer than so many milliseconds: meanwhile the lock is held. */
const PATIENCE = 8_000;
/** The pauses double up to this. */
const LONGEST_PAUSE = 2_000;
/** Then it is given up: storage that refuses for so long will not be had back by asking. */
const TIME = 300_000;

/**
 * What is stored after the change was made; nothing when storage refused it for too long, or `isWanted` said no.
 * Then it is tried on in the background: what is not stored ends the session in tabs that know nothing else.
 */
export async function persist(
  operation: string,
  change: Change,
  isWanted: () => boolean,
  { clock, vault }: Ports,
  log: Log,
): Promise<{ readonly record: SessionRecord | undefined } | undefined> {
  let disarm: Undo = () => undefined;
  const patience = new Promise<undefined>((resolve) => {
    disarm = clock.wake(clock.now() + PATIENCE, () => resolve(undefined));
  });
  return Promise.race([store(), patience]).finally(() => disarm());

  async function store(): Promise<{ readonly record: SessionRecord | undefined } | undefined> {
    const until = clock.monotonic() + TIME;
    for (let pause = POLL; isWanted() && clock.monotonic() < until; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        return { record: await vault.update(change) };
      } catch (error) {
        log('error', 'storage.failed', { operation, error: String(error) });
      }
      await new Promise<void>((resolve) => void clock.wake(clock.now() + pause, resolve));
    }
    return undefined;
  }
}
