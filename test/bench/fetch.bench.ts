/** What `session.fetch` costs: over a stubbed network, in one run with the stub alone. */
import { expect, test } from 'vitest';
import { createSession, oauth2 } from '../../src/index.ts';

/** One call is too short for the browser's clock, so that many of them are one sample. */
const CALLS = 2_000;
const SAMPLES = 100;

test('the cost of a call over a stubbed network', async () => {
  const native = globalThis.fetch;
  const answer = new Response('stub');
  const stub: typeof globalThis.fetch = () => Promise.resolve(answer);
  globalThis.fetch = stub;
  const session = createSession({
    name: 'bench',
    server: oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }),
    resources: ['/api/'],
  });
  globalThis.fetch = native;
  await session.start({ access_token: 'a.b.c', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' });
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };

  const table = await compare({
    'the stub alone': () => stub('/api/orders'),
    'a listed URL, good token': () => session.fetch('/api/orders'),
    'the same, with headers and a body': () => session.fetch('/api/orders', init),
    'a URL that is not ours': () => session.fetch('/public/logo.svg'),
  });
  session.dispose();
  console.log(table);
  expect(await session.fetch('/public/logo.svg')).toBe(answer);
});

/** Microseconds for each call. The contestants take turns, so that whatever disturbs one disturbs all. */
async function compare(contestants: Readonly<Record<string, () => Promise<unknown>>>) {
  const entries = Object.entries(contestants).map(([name, call]) => ({ name, call, samples: Array<number>() }));
  for (let round = 0; round < SAMPLES; round += 1) {
    for (const { call, samples } of entries) {
      const start = performance.now();
      for (let count = 0; count < CALLS; count += 1) await call();
      samples.push(((performance.now() - start) / CALLS) * 1_000);
    }
  }
  const rows = entries.map(({ name, samples }) => {
    const sorted = samples.toSorted((one, other) => one - other);
    return `${name.padEnd(36)} median ${at(sorted, 0.5)} µs, p99 ${at(sorted, 0.99)} µs`;
  });
  return rows.join('\n');
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
}
