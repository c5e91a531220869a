/** Writes that are tried again and again, because the other tabs would be misled without them. */
import type { Log } from './log.ts';
import type { Change, Ports } from './ports.ts';
import type { SessionRecord } from './record.ts';
import { POLL } from './timing.ts';

/** It is given up after so many milliseconds: meanwhile the lock is held. */
const TIME = 8_000;

/** What is stored after the change was made; nothing when storage refused it each time, or `isWanted` said no. */
export async function persist(
  operation: string,
  change: Change,
  isWanted: () => boolean,
  { clock, vault }: Ports,
  log: Log,
): Promise<{ readonly record: SessionRecord | undefined } | undefined> {
  const until = clock.monotonic() + TIME;
  for (let pause = POLL; isWanted(); pause *= 2) {
    try {
      return { record: await vault.update(change) };
    } catch (error) {
      log('error', 'storage.failed', { operation, error: String(error) });
      if (clock.monotonic() + pause > until) break;
      await new Promise<void>((resolve) => void clock.wake(clock.now() + pause, resolve));
    }
  }
  return undefined;
}
