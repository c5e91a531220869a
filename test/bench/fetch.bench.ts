/** What `session.fetch` costs, in one run with native fetch and with what others do. Prints, and judges no times. */
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import axios, { type AxiosInstance } from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';
import { expect, onTestFinished, test } from 'vitest';
import { createSession, oauth2, type Session } from '../../src/index.ts';
import { at, compare, table } from './contest.ts';

type Fetch = typeof globalThis.fetch;

const TOKENS = { access_token: 'good', token_type: 'Bearer', expires_in: 36_000, refresh_token: 'r' };
const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };

/** A session over that network. */
function open(network: Fetch, tokens: object = TOKENS): { session: Session; started: Promise<void> } {
  const native = globalThis.fetch;
  globalThis.fetch = network;
  const session = createSession({
    name: crypto.randomUUID(),
    server: oauth2({ tokenEndpoint: '/backend/token', clientId: 'spa' }),
    resources: ['/backend/api/'],
  });
  globalThis.fetch = native;
  onTestFinished(session.dispose);
  return { session, started: session.start(tokens) };
}

/** The wrapper that most apps write. */
function handWritten(network: Fetch): Fetch {
  localStorage.setItem('token', 'good');
  return async (input, given) => {
    const headers = new Headers(given?.headers);
    headers.set('Authorization', `Bearer ${localStorage.getItem('token')}`);
    const response = await network(input, { ...given, headers });
    if (response.status === 401) throw new Error('The bench never gets here.');
    return response;
  };
}

function badgateway(network: Fetch): Fetch {
  const token = { accessToken: 'good', refreshToken: 'r', expiresAt: Date.now() + 3_600_000 };
  const client = new OAuth2Client({ server: 'https://as.example.com/', clientId: 'spa' });
  const middleware = new OAuth2Fetch({ client, getNewToken: () => token, scheduleRefresh: false }).mw();
  return (input, given) => middleware(new Request(input, given), (request) => network(request));
}

function withAxios(network: Fetch, isRefreshing: boolean): AxiosInstance {
  const client = axios.create({ adapter: 'fetch', env: { fetch: network }, responseType: 'text' });
  if (!isRefreshing) return client;
  createAuthRefresh(client, () => Promise.resolve());
  client.interceptors.request.use((config) => {
    config.headers.set('Authorization', `Bearer ${localStorage.getItem('token')}`);
    return config;
  });
  return client;
}

test('a call over a stubbed network', async () => {
  const answer = new Response('stub');
  const stub: Fetch = () => Promise.resolve(answer);
  const { session, started } = open(stub);
  await started;
  const [hand, gateway] = [handWritten(stub), badgateway(stub)];
  const results = await compare(
    {
      'the stub alone': () => stub('/backend/api/orders'),
      'session.fetch, a listed URL with a good token': () => session.fetch('/backend/api/orders'),
      'session.fetch, with headers and a body': () => session.fetch('/backend/api/orders', init),
      'session.fetch, a URL that is not ours': () => session.fetch('/public/logo.svg'),
      'a hand-written wrapper': () => hand('/backend/api/orders'),
      'a hand-written wrapper, with headers and a body': () => hand('/backend/api/orders', init),
      '@badgateway/oauth2-client': () => gateway('/backend/api/orders'),
    },
    2_000,
    100,
  );
  console.log(table(results));
  expect(await session.fetch('/public/logo.svg')).toBe(answer);
});

test('axios over a stubbed network', async () => {
  const stub: Fetch = () => Promise.resolve(new Response('stub'));
  const { session, started } = open(stub);
  await started;
  const [bare, refreshing, ours] = [withAxios(stub, false), withAxios(stub, true), withAxios(session.fetch, false)];
  const url = '/backend/api/orders';
  const results = await compare(
    {
      'axios alone': () => bare.get(url),
      'axios over session.fetch': () => ours.get(url),
      'axios with axios-auth-refresh and an interceptor': () => refreshing.get(url),
    },
    100,
    50,
  );
  console.log(table(results));
});

test('a call over loopback', async () => {
  const { session, started } = open(fetch);
  await started;
  const url = '/backend/api/orders?answer=empty';
  const headers = { authorization: 'Bearer good' };
  const read = async (response: Response) => response.text();
  const results = await compare(
    {
      'native fetch with the same header': () => fetch(url, { headers }).then(read),
      'session.fetch': () => session.fetch(url).then(read),
    },
    5,
    300,
  );
  console.log(table(results));
});

test('ten thousand that wait for a rotation', async () => {
  let answered = 0;
  const { session, started } = open(
    (input, given) => {
      answered += 1;
      return String(input).includes('/token') ? fetch(input, given) : Promise.resolve(new Response(null));
    },
    { ...TOKENS, expires_in: 0 },
  );
  await started;
  const gaps: number[] = [];
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.addEventListener('message', () => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    port2.postMessage(undefined);
  });
  const begun = performance.now();
  const calls = Array.from({ length: 10_000 }, (_, index) => session.fetch(`/backend/api/orders/${index}`));
  const queued = performance.now() - begun;
  last = performance.now();
  port1.start();
  port2.postMessage(undefined);
  await Promise.all(calls);
  port1.close();
  const all = performance.now() - begun;
  const longest = gaps.toSorted((one, other) => other - one)[0] ?? 0;
  console.log(
    `10,000 calls queued in ${queued.toFixed(0)} ms, answered after ${all.toFixed(0)} ms; ` +
      `the main thread was blocked for ${longest.toFixed(1)} ms at the most`,
  );
  expect(answered).toBe(10_001);
});

test('bytes allocated for each call', async () => {
  const answer = new Response('stub');
  const stub: Fetch = () => Promise.resolve(answer);
  const { session, started } = open(stub);
  await started;
  const hand = handWritten(stub);
  const url = '/backend/api/orders';
  const rows: string[] = [];
  for (const [name, call] of Object.entries({
    'the stub alone': stub,
    'session.fetch': session.fetch,
    'a hand-written wrapper': hand,
  })) {
    const sizes: number[] = [];
    for (let sample = 0; sample < 50; sample += 1) {
      const before = heap();
      for (let count = 0; count < 500; count += 1) await call(url);
      sizes.push((heap() - before) / 500);
    }
    // Where the heap was swept meanwhile it has shrunk.
    const grown = sizes.filter((size) => size > 0).toSorted((one, other) => one - other);
    rows.push(`${name.padEnd(52)}${at(grown, 0.5).toFixed(0).padStart(9)} bytes`);
  }
  console.log(rows.join('\n'));
});

/** Chromium's own measure. */
function heap(): number {
  return (performance as unknown as { readonly memory: { readonly usedJSHeapSize: number } }).memory.usedJSHeapSize;
}
