/** The fetch: what goes out with a token, what comes back, and what a refusal leads to. */
import { expect, test } from 'vitest';
import type { TokenServer } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle, type World } from '../doubles/world.ts';

const SECOND = 1_000;

async function signedIn(options: Parameters<World['open']>[0] = {}) {
  const world = createWorld();
  const session = world.open(options);
  await session.start(world.server.login());
  return { world, session };
}

/** Records what reaches the network, and answers 200. */
function spyNetwork(world: World) {
  const sent: { readonly input: RequestInfo | URL; readonly rest: readonly unknown[] }[] = [];
  const fetch: typeof globalThis.fetch = (input, ...rest) => {
    sent.push({ input, rest });
    return Promise.resolve(new Response('ok'));
  };
  return { sent, network: { fetch, isOnline: () => world.network.isOnline } };
}

test('fetch has the length and the name of native fetch', async () => {
  const { session } = await signedIn();
  expect(session.fetch.length).toBe(1);
  expect(session.fetch.name).toBe('fetch');
});

test('a URL that is not ours goes out with the very arguments, in the same task', async () => {
  const world = createWorld();
  const { network, sent } = spyNetwork(world);
  const session = world.open({}, { network });
  const url = new URL('https://elsewhere.example.com/');
  const init = { headers: { a: '1' } };
  void session.fetch(url, init);
  void session.fetch('/public');
  expect(sent[0]?.input).toBe(url);
  expect(sent[0]?.rest[0]).toBe(init);
  expect(sent[1]?.rest).toEqual([]);
});

test('a resource gets the token beside the caller’s own headers', async () => {
  const world = createWorld();
  const { network, sent } = spyNetwork(world);
  const session = world.open({}, { network });
  await session.start(world.server.login());
  const headers = { 'x-trace': '7' };
  const init = { method: 'POST', body: 'hello', headers };
  await session.fetch('/api/orders', init);
  const went = new Headers((sent[0]?.rest[0] as RequestInit).headers);
  expect(Object.fromEntries(went)).toEqual({ 'x-trace': '7', authorization: 'Bearer access-1' });
  expect(init).toEqual({ method: 'POST', body: 'hello', headers: { 'x-trace': '7' } });
});

test.for([[{ 'X-Trace': '7' }], [[['X-Trace', '7']]], [new Map([['X-Trace', '7']])]])(
  'headers that are no Headers yet go out as they are spelled: %o',
  async ([headers]) => {
    const world = createWorld();
    const { network, sent } = spyNetwork(world);
    const session = world.open({}, { network });
    await session.start(world.server.login());
    await session.fetch('/api/orders', { headers: headers as HeadersInit });
    const went = (sent[0]?.rest[0] as RequestInit).headers;
    expect(Array.isArray(went) ? Object.fromEntries(went) : went).toEqual({
      'X-Trace': '7',
      authorization: 'Bearer access-1',
    });
  },
);

test('the caller’s own Authorization wins, and is not rotated', async () => {
  const { world, session } = await signedIn();
  const response = await session.fetch('/api/orders', { headers: { Authorization: 'Basic eDp5' } });
  expect(response.status).toBe(401);
  expect(world.server.calls).toMatchObject([{ authorization: 'Basic eDp5' }]);
  expect(world.server.rotations()).toBe(0);
});

test('a no-cors request never carries the token', async () => {
  const world = createWorld();
  const { network, sent } = spyNetwork(world);
  const session = world.open({}, { network });
  await session.start(world.server.login());
  await session.fetch('/api/pixel', { mode: 'no-cors' });
  expect(sent[0]?.rest).toEqual([{ mode: 'no-cors' }]);
});

test('one refusal makes one rotation and one replay', async () => {
  const { world, session } = await signedIn();
  world.server.expireTokens();
  const response = await session.fetch('/api/orders', { method: 'POST', body: 'hello' });
  expect(response.status).toBe(200);
  expect(world.server.calls.map(({ status }) => status)).toEqual([401, 200]);
  expect(world.server.rotations()).toBe(1);
});

test('a refusal is the caller’s where no rotation can help: then, and for as long as that stands', async () => {
  const { world, session } = await signedIn();
  world.server.expireTokens();
  world.server.fault = () => new Response('<html>', { status: 404 });
  const responses = await Promise.all([1, 2].map(() => session.fetch('/api/orders', { method: 'POST', body: 'x' })));
  expect(responses.map(({ status }) => status)).toEqual([401, 401]);
  expect(await responses[0]?.text()).toBeTypeOf('string');
  expect((await session.fetch('/api/orders')).status).toBe(401);
  expect(session.state.status).toBe('stale');
});

test('a hundred refusals make one rotation', async () => {
  const { world, session } = await signedIn();
  world.server.expireTokens();
  const calls = Array.from({ length: 100 }, () => session.fetch('/api/orders'));
  await world.clock.advance(1);
  const responses = await Promise.all(calls);
  expect(responses.every(({ status }) => status === 200)).toBe(true);
  expect(world.server.rotations()).toBe(1);
});

test('an API that always refuses gets two sends, and causes one rotation a minute', async () => {
  const { world, session } = await signedIn();
  const refuse = () => world.server.expireTokens();
  refuse();
  world.server.fault = (answer) => {
    const response = answer();
    refuse();
    return response;
  };
  const first = await session.fetch('/api/orders');
  expect(first.status).toBe(401);
  expect(world.server.calls.length).toBe(2);
  const calls = Array.from({ length: 50 }, () => session.fetch('/api/orders'));
  await world.clock.advance(1);
  const next = await Promise.all(calls);
  expect(next.every(({ status }) => status === 401)).toBe(true);
  expect(world.server.rotations()).toBe(1);
  await world.clock.advance(61);
  await session.fetch('/api/orders');
  expect(world.server.rotations()).toBe(2);
});

test('the body goes out again byte for byte', async () => {
  const { world, session } = await signedIn();
  const bodies: string[] = [];
  const types: (string | null)[] = [];
  const { fetch } = world.server;
  const tab = world.open(
    {},
    {
      network: {
        isOnline: () => true,
        fetch: async (input, init) => {
          const request = new Request(
            input instanceof Request ? input : new URL(String(input), 'https://app.example.com'),
            init,
          );
          if (!request.url.includes('/api/')) return fetch(input, init);
          types.push(request.headers.get('content-type'));
          bodies.push(await request.clone().text());
          return fetch(request);
        },
      },
    },
  );
  await tab.ready;
  session.dispose();
  const form = new FormData();
  form.set('file', new Blob(['contents'], { type: 'text/plain' }), 'name.txt');
  const buffer = new TextEncoder().encode('bytes');
  const cases: RequestInit[] = [
    { body: 'text' },
    { body: form },
    { body: new URLSearchParams({ a: '1', b: '2 3' }) },
    { body: new Blob(['blob'], { type: 'image/x' }) },
    { body: buffer },
  ];
  for (const init of cases) {
    await world.clock.advance(61);
    world.server.expireTokens();
    const pending = tab.fetch('/api/orders', { method: 'POST', ...init });
    if (init.body === buffer) buffer.fill(0);
    expect((await pending).status).toBe(200);
    const [first, second] = bodies.splice(0);
    expect(second).toBe(first);
    expect(first?.length).toBeGreaterThan(3);
    expect(new Set(types.splice(0)).size).toBe(1);
  }
  expect(bodies).toEqual([]);
});

test('a Request is consumed as native fetch consumes it, and can be replayed', async () => {
  const { world, session } = await signedIn();
  world.server.expireTokens();
  const request = new Request('https://app.example.com/api/orders', { method: 'POST', body: 'hello' });
  const pending = session.fetch(request);
  expect(request.bodyUsed).toBe(true);
  expect((await pending).status).toBe(200);
  expect(world.server.calls.map(({ status }) => status)).toEqual([401, 200]);
});

test('a stream cannot be sent twice: the caller gets the refusal', async () => {
  const { world, session } = await signedIn();
  world.server.expireTokens();
  const body = new Blob(['hello']).stream();
  const failure: unknown = await session
    .fetch('/api/orders', { method: 'POST', body, duplex: 'half' } as RequestInit)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'BodyNotReplayableError', response: { status: 401 } });
});

test('without a session a request goes out anonymously, or is rejected where that is asked for', async () => {
  const world = createWorld();
  const session = world.open();
  const strict = world.open({ signedOut: 'reject' });
  const response = await session.fetch('/api/orders', { headers: { 'x-trace': '7' } });
  expect(response.status).toBe(401);
  expect(world.server.calls).toMatchObject([{ authorization: null }]);
  await expect(strict.fetch('/api/orders')).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'absent' });
  expect(world.server.calls.length).toBe(1);
});

test('requests made after start() wait for it, and reject if it does', async () => {
  const world = createWorld();
  const session = world.open();
  await session.ready;
  const starting = session.start(world.server.login());
  const call = session.fetch('/api/orders');
  await starting;
  expect((await call).status).toBe(200);
  const failing = session.start({ access_token: 7 });
  const doomed = session.fetch('/api/orders');
  await expect(failing).rejects.toThrow('access_token');
  await expect(doomed).rejects.toThrow('access_token');
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('requests of one user are rejected, not sent, when another signs in', async () => {
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login(), { user: 'ada' });
  await world.clock.advance(400);
  world.server.delay = new Promise(() => {});
  const waiting = session.fetch('/api/orders');
  const outcome = expect(waiting).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'replaced' });
  await settle();
  await session.start(world.server.login(), { user: 'bob' });
  await outcome;
  expect(world.server.calls).toEqual([]);
});

test('an aborted request leaves at once with its reason, and the rotation goes on', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(400);
  let release = () => {};
  world.server.hold = new Promise((resolve) => {
    release = resolve;
  });
  const controller = new AbortController();
  const aborted = session.fetch('/api/orders', { signal: controller.signal });
  const other = session.fetch('/api/orders');
  await settle();
  const reason = { because: 'the user left' };
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  release();
  expect((await other).status).toBe(200);
  expect(world.server.rotations()).toBe(1);
});

test('with a good token a request waits for a rotation in flight only as long as its patience', async () => {
  const { world, session } = await signedIn();
  world.server.delay = new Promise(() => {});
  await world.clock.advance(163);
  const call = session.fetch('/api/orders');
  await world.clock.advance(0.9);
  expect(world.server.calls).toEqual([]);
  await world.clock.advance(0.2);
  expect((await call).status).toBe(200);
  expect(world.server.calls).toMatchObject([{ authorization: 'Bearer access-1' }]);
});

test('with a good token a request outlives a rotation that fails for good', async () => {
  const { world, session } = await signedIn();
  let release = () => {};
  world.server.fault = async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return Response.json({ error: 'invalid_client' }, { status: 400 });
  };
  await world.clock.advance(165);
  const call = session.fetch('/api/orders');
  await settle();
  expect(session.inspect().waiting).toBe(1);
  release();
  expect((await call).status).toBe(200);
});

test('patience 0 never waits with a good token, Infinity always does', async () => {
  const { world, session } = await signedIn({ patience: 0 });
  world.server.delay = new Promise(() => {});
  await world.clock.advance(163);
  const call = session.fetch('/api/orders');
  await settle();
  expect((await call).status).toBe(200);

  const endless = await signedIn({ patience: Number.POSITIVE_INFINITY });
  let release = () => {};
  endless.world.server.hold = new Promise((resolve) => {
    release = resolve;
  });
  await endless.world.clock.advance(163);
  const waiting = endless.session.fetch('/api/orders');
  await endless.world.clock.advance(10);
  expect(endless.world.server.calls).toEqual([]);
  release();
  await waiting;
  expect(endless.world.server.calls).toMatchObject([{ authorization: 'Bearer access-2' }]);
});

test('a keepalive request never waits', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(280);
  await session.fetch('/api/beacon', { method: 'POST', body: 'bye', keepalive: true });
  await world.clock.advance(60);
  await session.fetch('/api/beacon', { method: 'POST', body: 'bye', keepalive: true });
  expect(world.server.calls).toMatchObject([{ authorization: 'Bearer access-1' }, { authorization: null }]);
  expect(world.server.rotations()).toBe(0);
});

test('when a rotation fails for good all that wait are told so, by one class of error', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(400);
  world.server.fault = () => Response.json({ error: 'invalid_client' }, { status: 400 });
  const calls = Array.from({ length: 100 }, () => session.fetch('/api/orders').catch((error: unknown) => error));
  await settle();
  await world.clock.advance(0.001);
  const failures = await Promise.all(calls);
  expect(new Set(failures.map((failure) => (failure as Error).name))).toEqual(new Set(['RotationError']));
  expect(failures[0]).toMatchObject({ permanent: true, status: 400 });
});

test('the queue is bounded in number and in time', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand', queue: { limit: 2, timeout: 5 } });
  await world.clock.advance(400);
  world.server.fault = () => new Response(null, { status: 503 });
  const calls = [1, 2, 3].map(() => session.fetch('/api/orders').then(String, (error: Error) => error.name));
  await settle();
  await world.clock.advance(4.9);
  expect(await Promise.race([calls[0], Promise.resolve('waits')])).toBe('waits');
  await world.clock.advance(0.2);
  expect(await Promise.all(calls)).toEqual(['QueueTimeoutError', 'QueueTimeoutError', 'QueueFullError']);
});

test('ten thousand waiting requests go out first in, first out', async () => {
  const world = createWorld();
  const order: number[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.includes('/api/')) return world.server.fetch(input, init);
    order.push(Number(url.split('/').at(-1)));
    return Promise.resolve(new Response(null));
  };
  const session = world.open({ keepAlive: 'demand' }, { network: { fetch, isOnline: () => true } });
  await session.start(world.server.login());
  await world.clock.advance(400);
  const calls = Array.from({ length: 10_000 }, (_, index) => session.fetch(`/api/orders/${index}`));
  await settle();
  await world.clock.advance(1);
  await Promise.all(calls);
  expect(world.server.rotations()).toBe(1);
  expect(order).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
});

test('the server’s own endpoints and the exceptions never get a token and never wait', async () => {
  const { world, session } = await signedIn({
    resources: ['/'],
    except: ['/api/public/'],
    oauth2: { tokenEndpoint: '/oauth/token' },
    keepAlive: 'demand',
  });
  await world.clock.advance(400);
  await session.fetch('/api/public/news');
  await session.fetch('/oauth/token', { method: 'POST' });
  expect(world.server.calls.map(({ authorization }) => authorization)).toEqual([null, null]);
});

test('token() gives the token, and rotates first when too little is left', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  expect(await session.token()).toBe('access-1');
  await world.clock.advance(100);
  expect(await session.token({ minValidity: 100 })).toBe('access-1');
  expect(await session.token({ minValidity: 250 })).toBe('access-2');
  await expect(session.token({ minValidity: -1 })).rejects.toThrow('minValidity');
});

test('token() leaves with its signal’s reason, and the rotation goes on', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(280);
  let release = () => {};
  world.server.hold = new Promise((resolve) => {
    release = resolve;
  });
  const controller = new AbortController();
  const token = session.token({ minValidity: 60, signal: controller.signal });
  await settle();
  controller.abort('the user left');
  await expect(token).rejects.toBe('the user left');
  release();
  await settle();
  expect(await session.token()).toBe('access-2');
  expect(world.server.rotations()).toBe(1);
});

test('failures before the network are rejections, as with native fetch', async () => {
  const { session } = await signedIn();
  const calls = [
    () => session.fetch('http://['),
    () => session.fetch('/api/x', { headers: { 'bad name': '1' } }),
    () => session.fetch('/api/x', { method: 'GET', body: 'no' }),
  ];
  for (const call of calls) await expect(call()).rejects.toBeInstanceOf(TypeError);
});

/** A server whose tokens are attached by signing, which takes a while. */
function signing() {
  const waiting: (() => void)[] = [];
  const server: TokenServer = {
    ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: REVOCATION_ENDPOINT, clientId: 'spa' }),
    attach: async (_request, tokens) => {
      await new Promise<void>((resolve) => void waiting.push(resolve));
      return { headers: { authorization: `Bearer ${tokens.accessToken}` } };
    },
  };
  const sign = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await settle();
  };
  return { server, sign };
}

test('a request whose token is being signed does not go out when somebody has signed out meanwhile', async () => {
  const { server, sign } = signing();
  const { session, world } = await signedIn({ server });
  const request = session.fetch('/api/orders').catch((error: unknown) => error);
  await settle();
  const ending = session.end();
  await sign();
  expect(await request).toMatchObject({ name: 'SessionEndedError', reason: 'signed-out' });
  await ending;
  expect(world.server.calls).toEqual([]);
});

test('a request whose token is being signed goes with the new token when the same person has signed in again', async () => {
  const { server, sign } = signing();
  const world = createWorld();
  const session = world.open({ server });
  await session.start(world.server.login(), { user: 'ada' });
  const request = session.fetch('/api/orders');
  await settle();
  await session.start(world.server.login(), { user: 'ada' });
  await sign();
  await sign();
  expect((await request).status).toBe(200);
  expect(world.server.calls).toMatchObject([{ authorization: 'Bearer access-2' }]);
});

test('a request that waited, and whose refusal took longer than a request may wait, is replayed', async () => {
  const world = createWorld({ life: 3_600 });
  let calls = 0;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await world.server.fetch(input, init);
    if (!String(input).includes('/api/')) return response;
    calls += 1;
    if (calls > 1) return response;
    // A long-poll: refused after ten minutes.
    await new Promise<void>((resolve) => void world.clock.wake(world.clock.now() + 600 * SECOND, resolve));
    return new Response(null, { status: 401 });
  };
  const session = world.open({}, { network: { fetch, isOnline: () => true } });
  // It waits for the sign-in to be stored.
  const starting = session.start(world.server.login());
  const request = session.fetch('/api/orders').then(({ status }) => status, String);
  await starting;
  await world.clock.advance(605);
  expect(await request).toBe(200);
});
