/** Telling the server that tokens are not to be used any more (RFC 7009): in the background, and never our error. */
import { guarded, limit } from './exchange.ts';
import type { Log } from './log.ts';
import type { Ports } from './ports.ts';
import type { TokenServer, Tokens } from './types.ts';

export function revoke(server: TokenServer, { clock, network }: Ports, log: Log, tokens: Tokens): void {
  if (server.revoke === undefined) return;
  void limit(clock, undefined, async (signal) =>
    server.revoke?.(tokens, {
      signal,
      now: clock.now,
      // The page may be on its way out: a sign-out is often its last act.
      fetch: (input, init) => network.fetch(input, { ...guarded(server, init), signal, keepalive: true }),
    }),
  ).then((result) => {
    if ('failure' in result) log('warn', 'revocation.failed', { error: String(result.failure) });
    else log('info', 'revocation.sent');
  });
}
