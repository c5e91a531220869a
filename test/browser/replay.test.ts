/** One refusal, one rotation, one replay: with real requests, and every kind of body. */
import { expect, onTestFinished, test } from 'vitest';
import { server } from 'vitest/browser';
import { createSession, oauth2, type Session } from '../../src/index.ts';
import { bodyOf, type BodyKind } from './calls.ts';
import { mutate } from './observation.ts';
import { signIn } from './signed-in.ts';

const KINDS: readonly BodyKind[] = [
  'empty',
  'string',
  'Blob',
  'Blob without a type',
  'ArrayBuffer',
  'typed array',
  'DataView',
  'URLSearchParams',
  'FormData',
];

test.each(KINDS)('a body that is a %s goes out again to the byte, with its type', async (kind) => {
  const { arrivals, rotations, session, url } = await signIn('dead');
  const body = bodyOf(kind) ?? null;
  const response = await session.fetch(url(), { method: 'POST', body });
  expect(response.status).toBe(200);
  const [refused, replayed, ...others] = await arrivals();
  expect(others).toEqual([]);
  expect(replayed?.body).toBe(refused?.body);
  expect(replayed?.headers['content-type']).toBe(refused?.headers['content-type']);
  expect(replayed?.headers['authorization']).toMatch(/^Bearer good/);
  expect(await rotations()).toBe(1);
});

test.each(KINDS)('so does a Request whose body is a %s', async (kind) => {
  const { arrivals, session, url } = await signIn('dead');
  const request = new Request(url(), { method: 'POST', body: bodyOf(kind) ?? null, headers: { 'x-a': '1' } });
  const call = session.fetch(request);
  expect(request.bodyUsed).toBe(true);
  expect((await call).status).toBe(200);
  const [refused, replayed, ...others] = await arrivals();
  expect(others).toEqual([]);
  expect(replayed?.body).toBe(refused?.body);
  expect([refused?.headers['x-a'], replayed?.headers['x-a']]).toEqual(['1', '1']);
  expect(replayed?.headers['content-type']).toBe(refused?.headers['content-type']);
});

test.each(KINDS)('what waits for a rotation goes out as it was at the call: a body that is a %s', async (kind) => {
  const { arrivals, session, url } = await signIn('good');
  const initOf = (): RequestInit => ({ method: 'POST', body: bodyOf(kind) ?? null, headers: { 'x-a': 'at the call' } });
  await session.fetch(url(), initOf());
  await session.start({ access_token: 'dead', token_type: 'Bearer', expires_in: 0, refresh_token: 'refresh' });
  const init = initOf();
  const call = session.fetch(url(), init);
  mutate(init);
  expect((await call).status).toBe(200);
  const [atOnce, later] = await arrivals();
  const boundary = (text = '') => /^--(\S+)\r\n/.exec(atob(text))?.[1] ?? 'none';
  const plain = (text = '') => atob(text).replaceAll(boundary(text), 'BOUNDARY');
  expect(plain(later?.body)).toBe(plain(atOnce?.body));
  expect([later?.method, later?.headers['x-a']]).toEqual(['POST', 'at the call']);
});

const REFUSED: readonly [what: string, init: object][] = [
  ['a header name that is none', { headers: { 'bad name': '1' } }],
  ['a GET with a body', { body: 'no' }],
  ['TRACE', { method: 'TRACE' }],
  ['navigate', { mode: 'navigate' }],
  ['a signal that is none', { signal: {} }],
];

test.each(REFUSED)(
  'what waits for a rotation is refused at the call where native fetch refuses it: %s',
  async (_, init) => {
    const { arrivals, rotations, session, url } = await signIn('good');
    await session.start({ access_token: 'dead', token_type: 'Bearer', expires_in: 0, refresh_token: 'refresh' });
    await expect(session.fetch(url(), init)).rejects.toBeInstanceOf(TypeError);
    expect([await arrivals(), await rotations()]).toEqual([[], 0]);
  },
);

// Firefox takes no streams.
test.skipIf(server.browser === 'firefox').each<[string, (session: Session) => Promise<void>]>([
  [
    'while it waits',
    ({ start }) => start({ access_token: 'dead', token_type: 'Bearer', expires_in: 0, refresh_token: 'refresh' }),
  ],
  ['when nobody is signed in', ({ end }) => end()],
])('a stream whose request leaves %s is cancelled with the reason', async (_, before) => {
  const { session, url } = await signIn('good');
  await before(session);
  let reason: unknown;
  const body = new ReadableStream({ cancel: (given) => void (reason = given) });
  const controller = new AbortController();
  const call = session.fetch(url(), { method: 'POST', body, duplex: 'half', signal: controller.signal } as RequestInit);
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
  expect(reason).toBe('enough');
});

// WebKit's native fetch refuses such a Request.
test.skipIf(server.browser === 'webkit')(
  'that of a Request on its way is cancelled where native fetch cancels it',
  async () => {
    const { session, url } = await signIn('good');
    const leave = async (fetch: typeof globalThis.fetch) => {
      let isCancelled = false;
      const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
      const controller = new AbortController();
      const init = { method: 'POST', body, duplex: 'half', signal: controller.signal };
      const call = fetch(new Request(url(), init));
      controller.abort('enough');
      await expect(call).rejects.toBe('enough');
      return isCancelled;
    };
    expect(await leave(session.fetch)).toBe(await leave(fetch));
  },
);

test('whoever sends a Request with a stream that never ends can leave', async () => {
  const { session, url } = await signIn('good');
  const controller = new AbortController();
  const init = { method: 'POST', body: new ReadableStream(), duplex: 'half', signal: controller.signal } as RequestInit;
  const call = session.fetch(new Request(url(), init));
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
});

test.skipIf(server.browser !== 'chromium')('a Request’s stream is cancelled when its caller leaves', async () => {
  const { session, url } = await signIn('good');
  const leave = async (send: typeof fetch): Promise<unknown> => {
    const controller = new AbortController();
    const reason = new Promise((cancel) => {
      const body = new ReadableStream({ pull: () => new Promise(() => undefined), cancel });
      const init = { method: 'POST', body, duplex: 'half', signal: controller.signal } as RequestInit;
      send(new Request(url(), init)).catch(() => undefined);
    });
    controller.abort('enough');
    return reason;
  };
  // A copy was kept for a replay: what both are told comes as a list.
  expect(await leave(fetch)).toBe('enough');
  expect(await leave(session.fetch)).toEqual(['enough', 'enough']);
});

test('a keepalive request is sent again as well', async () => {
  const { arrivals, session, url } = await signIn('dead');
  const response = await session.fetch(url(), { method: 'POST', body: new Blob(['bye']), keepalive: true });
  expect(response.status).toBe(200);
  expect((await arrivals()).map(({ body }) => atob(body))).toEqual(['bye', 'bye']);
});

test('a stream that is refused is handed to the caller with the server’s refusal', async () => {
  // No browser sends a stream over HTTP/1.
  const native = globalThis.fetch;
  onTestFinished(() => void (globalThis.fetch = native));
  globalThis.fetch = (input, init) =>
    String(input).includes('/token')
      ? native(input, init)
      : Promise.resolve(new Response('refused', { status: 401, headers: { 'x-from': 'the server' } }));
  const session = createSession({
    name: crypto.randomUUID(),
    server: oauth2({ tokenEndpoint: '/backend/token', clientId: 'spa' }),
    resources: ['/backend/api/'],
  });
  onTestFinished(session.dispose);
  await session.start({ access_token: 'dead', token_type: 'Bearer', expires_in: 3_600, refresh_token: 'r' });
  const body = new ReadableStream({
    start: (controller) => controller.close(),
  });
  const failure: unknown = await session
    .fetch('/backend/api/upload', { method: 'POST', body, duplex: 'half' } as RequestInit)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'BodyNotReplayableError', response: { status: 401 } });
  const { response } = failure as { response: Response };
  expect(response.headers.get('x-from')).toBe('the server');
  expect(await response.text()).toBe('refused');
});

test('a second refusal is the caller’s', async () => {
  const { arrivals, rotations, session, url } = await signIn('good');
  const response = await session.fetch(url({ status: 401, answer: 'text' }));
  expect(response.status).toBe(401);
  expect(await response.text()).toContain('kůň');
  expect((await arrivals()).length).toBe(2);
  expect(await rotations()).toBe(1);
});

test('a request that the network loses is not sent again', async () => {
  const native = globalThis.fetch;
  onTestFinished(() => void (globalThis.fetch = native));
  const failure = new TypeError('The connection is lost.');
  let sent = 0;
  globalThis.fetch = () => {
    sent += 1;
    return Promise.reject(failure);
  };
  const { session, url } = await signIn('good');
  await expect(session.fetch(url(), { method: 'POST', body: 'pay' })).rejects.toBe(failure);
  expect(sent).toBe(1);
});

test('a stream from the server is handed on while it comes, and a rotation cuts nothing and waits for nothing', async () => {
  const { rotations, session, url } = await signIn('good');
  const waiting = session.fetch(url({ after: 300 })); // A long poll.
  const streaming = await session.fetch(url({ answer: 'drip' }));
  const reader = streaming.body?.getReader();
  const decoder = new TextDecoder();
  expect(decoder.decode((await reader?.read())?.value)).toBe('first');
  await session.rotate();
  expect(await rotations()).toBe(1);
  expect((await session.fetch(url())).status).toBe(200);
  let rest = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    rest += decoder.decode(part.value);
  expect(rest).toBe('second');
  expect((await waiting).status).toBe(200);
});

test('a relative URL is resolved against the page’s <base>', async () => {
  const { arrivals, session, url } = await signIn('good');
  const base = document.createElement('base');
  base.href = `${location.origin}/backend/api/deep/`;
  document.head.append(base);
  onTestFinished(() => base.remove());
  const call = session.fetch(`../orders${new URL(url()).search}`);
  base.remove();
  expect((await call).status).toBe(200);
  const [arrival] = await arrivals();
  expect(arrival?.url).toMatch(/^\/backend\/api\/orders\?/);
  expect(arrival?.headers['authorization']).toBe('Bearer good');
});

test('data: and blob: URLs are native fetch’s', async () => {
  const { session } = await signIn('good');
  expect(await (await session.fetch('data:text/plain,hello')).text()).toBe('hello');
  const blob = URL.createObjectURL(new Blob(['hello']));
  expect(await (await session.fetch(blob)).text()).toBe('hello');
  URL.revokeObjectURL(blob);
  await expect(session.fetch('data:,x', { method: 'POST' }).then((response) => response.text())).resolves.toBe('x');
});
