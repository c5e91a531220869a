/** Telling the server that tokens are not to be used any more (RFC 7009): in the background, and never our error. */
import type { Core } from './core.ts';
import { guarded, limit } from './exchange.ts';
import type { Tokens } from './types.ts';

/** `isSpent`: the refresh token must not be presented for it. */
export function revoke({ log, options: { server }, ports, view }: Core, tokens: Tokens, isSpent = false): void {
  const { clock, network } = ports;
  const epoch = view.held()?.record.epoch;
  if (server.revoke === undefined) return;
  void limit(clock, undefined, async (signal) =>
    server.revoke?.(tokens, {
      signal,
      now: clock.now,
      isSpent,
      // The page may be on its way out: a sign-out is often its last act.
      fetch: (input, init) =>
        // Whoever has signed in since: the cookies are his by now.
        server.keepalive && view.held()?.record.epoch !== epoch
          ? Promise.reject(new DOMException('Somebody has signed in.', 'AbortError'))
          : network.fetch(input, { ...guarded(server, init), signal, keepalive: true }),
    }),
  ).then((result) => {
    if ('failure' in result) log('warn', 'revocation.failed', { error: String(result.failure) });
    else log('info', 'revocation.sent');
  });
}
