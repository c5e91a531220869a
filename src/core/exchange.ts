/** One presentation of the refresh token: what leaves this tab, until when, and what came of it. */
import type { Clock, Network } from './ports.ts';
import { LEASE, LONGEST_REQUEST, momentOf, REQUEST_LIMIT, since, type Moment } from './timing.ts';
import { checkTokens } from './tokens.ts';
import type { RotationOutcome, ServerContext, TokenServer } from './types.ts';

/** A limit that fires this late was slept through: an answer may lie ready, and gets this long to be read, once. */
const OVERSLEPT = 1_000;
const LAST_CALL = 3_000;
/** Past the limit it is asked so often whether the answer may still be waited for. */
const LOOK = 1_000;

export interface ExchangeOptions {
  readonly server: TokenServer;
  readonly clock: Clock;
  readonly network: Network;
  /** By how much the server's clock is ahead. */
  readonly skew: number;
}

/**
 * Runs one call of the server under the request limit. `claimedAt` is when the claim was made: after
 * `LEASE - REQUEST_LIMIT` nothing is sent any more, since a tab frozen in between may have lost its turn.
 */
export async function exchange(
  { clock, network, server, skew }: ExchangeOptions,
  call: (context: ServerContext) => Promise<RotationOutcome>,
  claimedAt: Moment,
  lost: AbortSignal,
  mayGiveUp?: () => boolean,
): Promise<RotationOutcome> {
  let refused = false;
  let sent = false;
  const limited = await limit(
    clock,
    lost,
    (signal) =>
      call({
        signal,
        now: () => clock.now() + skew,
        fetch: (input, init) => {
          if (signal.aborted || since(claimedAt, momentOf(clock)) > LEASE - REQUEST_LIMIT) {
            refused = true;
            return Promise.reject(new DOMException('The time to send has passed.', 'AbortError'));
          }
          sent = true;
          return network.fetch(input, { ...guarded(server, init), signal });
        },
      }),
    mayGiveUp,
  );
  if ('failure' in limited)
    return refused && !sent ? { outcome: 'held-back' } : { outcome: 'unknown', cause: limited.failure };
  try {
    const { value } = limited;
    return value.outcome === 'rotated' ? { ...value, tokens: checkTokens(value.tokens) } : value;
  } catch (cause) {
    return { outcome: 'unknown', cause };
  }
}

/** What every request to a token server is sent with (RFC 6819 section 5; a redirect would carry the refresh token away). */
export function guarded(server: TokenServer, init: RequestInit | undefined): RequestInit {
  return {
    credentials: 'omit',
    keepalive: server.keepalive ?? false,
    ...init,
    redirect: 'error',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  };
}

/**
 * Runs a task that must stop when the signal says so, or after the request limit, unless it may not be given up yet:
 * an answer that is late is as good as any. Never rejects.
 */
export async function limit<Value>(
  clock: Clock,
  lost: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<Value>,
  mayGiveUp = () => true,
): Promise<{ readonly value: Value } | { readonly failure: unknown }> {
  const controller = new AbortController();
  const { signal } = controller;
  const started = momentOf(clock);
  const stop = () => controller.abort(new DOMException('The token server did not answer in time.', 'TimeoutError'));
  let due = REQUEST_LIMIT;
  let hasOverslept = false;
  const look = () => {
    const passed = since(started, momentOf(clock));
    const isLate = !hasOverslept && passed - due > OVERSLEPT;
    if (!isLate && (passed >= LONGEST_REQUEST || mayGiveUp())) return stop();
    hasOverslept ||= isLate;
    due = passed + (isLate ? LAST_CALL : LOOK);
    disarm = clock.wake(clock.now() + due - passed, look);
  };
  let disarm = clock.wake(started.wall + due, look);
  const onLost = () => controller.abort(new DOMException('Another tab has taken over.', 'AbortError'));
  if (lost?.aborted) onLost();
  lost?.addEventListener('abort', onLost);
  try {
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort);
    });
    return { value: await Promise.race([task(signal), aborted]) };
  } catch (failure) {
    return { failure };
  } finally {
    disarm();
    lost?.removeEventListener('abort', onLost);
  }
}
