/** What `session.fetch` adds to native fetch: over a stubbed network, in one run with the stub alone. */
import { afterAll, beforeAll, bench, describe } from 'vitest';
import { createSession, oauth2, type Session } from '../../src/index.ts';

const native = globalThis.fetch;
const answer = new Response('stub');
const stub: typeof globalThis.fetch = () => Promise.resolve(answer);
const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
let session: Session;

beforeAll(async () => {
  globalThis.fetch = stub;
  session = createSession({
    name: 'bench',
    server: oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }),
    resources: ['/api/'],
  });
  globalThis.fetch = native;
  await session.start({ access_token: 'a.b.c', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' });
});

afterAll(() => session.dispose());

/** One call is too short for the browser's clock: a hundred are one sample. */
async function hundred(call: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < 100; count += 1) await call();
}

describe('a hundred calls over a stubbed network', () => {
  bench('the stub alone', () => hundred(() => stub('/api/orders')));
  bench('a listed URL, good token', () => hundred(() => session.fetch('/api/orders')));
  bench('the same, with headers and a body', () => hundred(() => session.fetch('/api/orders', init)));
  bench('a URL that is not ours', () => hundred(() => session.fetch('/public/logo.svg')));
});
