/** The same call through native fetch and through `session.fetch`, and whether anybody could tell which it was. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { server } from 'vitest/browser';
import { createSession, oauth2, type Session } from '../../src/index.ts';
import { calls } from './calls.ts';
import { observe, type Stage } from './observation.ts';

/** WebKit sends no streams, but one that a copy was made of. */
const here = server.browser === 'webkit' ? calls.filter(({ body }) => body !== 'stream') : calls;
const CASES = server.browser === 'chromium' ? 2_400 : 800;
const LANES = 4;

const TOKENS = { access_token: 'good', token_type: 'Bearer', expires_in: 36_000, refresh_token: 'r' };

const WAYS: readonly [way: string, cases: number, fetchOf: (session: Session) => typeof fetch][] = [
  ['with a token that is good', CASES, (session) => session.fetch],
  [
    'when it has to wait',
    CASES / 4,
    (session) =>
      (...call) => {
        void session.start(TOKENS, { user: 'ann' });
        return session.fetch(...call);
      },
  ],
];

test.each(WAYS)(
  '%s, nobody can tell session.fetch from native fetch',
  { timeout: 300_000 },
  async (_, cases, fetchOf) => {
    const near = `${location.origin}/backend/`;
    const far = await (await fetch('/backend/elsewhere')).text();
    const lookout = await (await fetch('/backend/lookout')).text();
    const stage: Stage = { near, far, lookout };
    const session = createSession({
      name: crypto.randomUUID(),
      server: oauth2({ tokenEndpoint: '/backend/token', clientId: 'spa' }),
      resources: [`${near}api/`, `${far}api/`],
    });
    await session.start(TOKENS, { user: 'ann' });
    const ours = fetchOf(session);
    const unhandled: unknown[] = [];
    const onUnhandled = (event: PromiseRejectionEvent) => void unhandled.push(event.reason);
    addEventListener('unhandledrejection', onUnhandled);
    // Several at a time: most of the time they wait.
    const lanes = Array.from({ length: LANES }, (_, seed) =>
      fc.assert(
        fc.asyncProperty(here, async (call) => {
          const seen = await Promise.all([observe(stage, call, fetch), observe(stage, call, ours)]);
          expect(seen[1]).toEqual(seen[0]);
        }),
        { numRuns: cases / LANES, seed },
      ),
    );
    await Promise.all(lanes);
    removeEventListener('unhandledrejection', onUnhandled);
    session.dispose();
    expect(unhandled).toEqual([]);
  },
);
