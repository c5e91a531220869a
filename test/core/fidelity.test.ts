/** What `session.fetch` hands to native fetch, where a wrapper is easily less than fetch. */
import { expect, test } from 'vitest';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle, type World } from '../doubles/world.ts';

const API = 'https://app.example.com/api/orders';

/** A session over a network that only notes what reaches it, as the platform would understand it. */
async function noted(options: Parameters<World['open']>[0] = {}) {
  const world = createWorld();
  const sent: Request[] = [];
  const status = { next: [200], held: Promise.resolve() };
  const session = world.open(options, {
    network: {
      isOnline: () => true,
      fetch: async (input, init) => {
        if (String(input).includes('as.example.com')) return world.server.fetch(input, init);
        const target = typeof input === 'string' ? new URL(input, world.page.url).href : input;
        sent.push(new Request(target, init));
        const answer = new Response(null, { status: status.next.shift() ?? 200 });
        await status.held;
        return answer;
      },
    },
  });
  await session.start(world.server.login());
  return { world, session, sent, status };
}

test('what an init inherits counts, as with native fetch', async () => {
  const { sent, session } = await noted();
  await session.fetch(API, Object.create({ method: 'PUT', body: 'x' }) as RequestInit);
  await session.fetch(API, new Request(API, { method: 'DELETE' }));
  expect(sent.map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
  expect(sent.every(({ headers }) => headers.get('authorization') === 'Bearer access-1')).toBe(true);
});

test('a Request keeps its referrer policy', async () => {
  const { sent, session } = await noted();
  await session.fetch(new Request(API, { referrerPolicy: 'no-referrer' }));
  await session.fetch(API, { method: 'POST', body: new URLSearchParams({ a: '1' }), referrerPolicy: 'origin' });
  expect(sent.map(({ referrerPolicy }) => referrerPolicy)).toEqual(['no-referrer', 'origin']);
});

test('a Request loses its referrer when it is given anything else, as with native fetch', async () => {
  const { sent, session } = await noted();
  const request = () => new Request(API, { referrer: 'https://app.example.com/from', referrerPolicy: 'origin' });
  await session.fetch(request());
  await session.fetch(request(), { signal: undefined as unknown as null });
  await session.fetch(request(), { credentials: 'include' });
  const referrers = sent.map(({ referrer, referrerPolicy }) => [referrer, referrerPolicy]);
  const kept = ['https://app.example.com/from', 'origin'];
  expect(referrers).toEqual([kept, kept, ['about:client', '']]);
});

test('a request that is aborted by the time of the call goes to native fetch, in the same task and without a token', async () => {
  const { sent, session } = await noted();
  const signal = AbortSignal.abort();
  void session.fetch(API, { signal });
  void session.fetch(new Request(API, { signal, method: 'POST', body: 'x' }));
  expect(sent.map(({ headers, signal: { aborted } }) => [aborted, headers.has('authorization')])).toEqual([
    [true, false],
    [true, false],
  ]);
  // Unless the signal is taken from it.
  void session.fetch(new Request(API, { signal }), { signal: null });
  expect(sent[2]?.headers.has('authorization')).toBe(true);
});

test('signal: null detaches a Request from its own signal', async () => {
  const { session, world } = await noted({ keepAlive: 'demand' });
  await world.clock.advance(400);
  const controller = new AbortController();
  const call = session.fetch(new Request(API, { signal: controller.signal }), { signal: null });
  controller.abort();
  expect((await call).status).toBe(200);
});

test('headers that can be read only once are not lost', async () => {
  const { sent, session } = await noted();
  const once = new Map([['authorization', 'Basic eDp5']]).entries() as unknown as HeadersInit;
  await session.fetch(API, { headers: once });
  expect(sent[0]?.headers.get('authorization')).toBe('Basic eDp5');
});

test('a relative URL means what it meant at the call, also when it is sent again', async () => {
  const { sent, session, status, world } = await noted();
  world.page.url = 'https://app.example.com/api/list/';
  status.next = [401, 200];
  const call = session.fetch('orders');
  world.page.url = 'https://app.example.com/elsewhere/';
  await call;
  expect(sent.map(({ url }) => url)).toEqual([
    'https://app.example.com/api/list/orders',
    'https://app.example.com/api/list/orders',
  ]);
});

test('a request refused with an old token goes on with the newer one', async () => {
  const { sent, session, status, world } = await noted();
  status.next = [401, 200];
  await session.fetch(API);
  expect(session.inspect().lastRotation?.cause).toBe('refusal');
  status.next = [401, 200];
  let release = () => {};
  status.held = new Promise((resolve) => {
    release = resolve;
  });
  await settle();
  const slow = session.fetch(API);
  await session.rotate();
  release();
  expect((await slow).status).toBe(200);
  expect(world.server.rotations()).toBe(2);
  expect(sent.at(-1)?.headers.get('authorization')).toBe('Bearer access-3');
});

test('what has no string, and nothing at all, is refused as native fetch refuses it', async () => {
  const { sent, session } = await noted();
  await expect(session.fetch(Symbol('orders') as unknown as string)).rejects.toBeInstanceOf(TypeError);
  expect(sent).toEqual([]);
  const given: unknown[][] = [];
  const world = createWorld();
  const bare = world.open(
    {},
    { network: { isOnline: () => true, fetch: (...args) => Promise.reject(given.push(args)) } },
  );
  await expect(Reflect.apply(bare.fetch, undefined, [])).rejects.toBe(1);
  expect(given).toEqual([[]]);
});

test('fetch cannot be constructed', async () => {
  const { session } = await noted();
  expect(() => Reflect.construct(session.fetch, [API])).toThrow(TypeError);
});

test('each option is read once', async () => {
  const { sent, session } = await noted();
  const reads: string[] = [];
  const counted = (members: Record<string, unknown>, prototype: object | null) => {
    const init = Object.create(prototype) as RequestInit;
    for (const [name, value] of Object.entries(members)) {
      const get = () => {
        reads.push(name);
        return value;
      };
      Object.defineProperty(init, name, { enumerable: true, get });
    }
    return init;
  };
  const options = { method: 'post', body: 'x', headers: { a: '1' }, mode: 'cors', keepalive: false, redirect: 'error' };
  await session.fetch(API, counted(options, Object.prototype));
  expect(reads.toSorted()).toEqual(Object.keys(options).toSorted());
  await session.fetch(API, counted({ ...options, body: new URLSearchParams({ a: '1' }) }, Object.prototype));
  expect(reads.length).toBe(12);
  await session.fetch(API, counted(options, {}));
  expect(reads.length).toBe(18);
  expect(sent.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  expect(sent.every(({ headers }) => headers.get('authorization') === 'Bearer access-1')).toBe(true);
});

test('a server that signs requests is told of the method as it goes out', async () => {
  const world = createWorld();
  const methods: string[] = [];
  const bearer = oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' });
  const session = world.open({
    server: {
      ...bearer,
      attach: (request, tokens) => {
        methods.push(request.method);
        return bearer.attach(request, tokens);
      },
    },
  });
  await session.start(world.server.login());
  await session.fetch('/api/orders', { method: 'post' });
  await session.fetch('/api/orders', { method: 'post', body: new URLSearchParams({ a: '1' }) });
  await session.fetch('/api/orders', { method: 'Query' });
  await session.fetch('/api/orders');
  expect(methods).toEqual(['POST', 'POST', 'Query', 'GET']);
});

test('the token goes where the request goes, whatever an object says of itself', async () => {
  const world = createWorld();
  const sent: string[] = [];
  const session = world.open(
    {},
    {
      network: {
        isOnline: () => true,
        fetch: (input, init) => {
          const { headers, url } = new Request(input, init);
          sent.push(`${url} ${headers.get('authorization')}`);
          return Promise.resolve(new Response(null));
        },
      },
    },
  );
  await session.start(world.server.login());
  const feigned = { [Symbol.toStringTag]: 'Request', url: API, toString: () => 'https://evil.example/' };
  class Feigned extends Request {
    override get url() {
      return API;
    }
  }
  await session.fetch(feigned as unknown as string);
  await session.fetch(new Feigned('https://evil.example/'));
  expect(sent).toEqual(['https://evil.example/ null', 'https://evil.example/ null']);
});

test('the body of a refusal is let go when nothing can come of the wait', async () => {
  const world = createWorld();
  let isCancelled = false;
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (!String(input).includes('/api/')) return world.server.fetch(input, init);
    const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
    return Promise.resolve(new Response(body, { status: 401 }));
  };
  const session = world.open({ queue: { timeout: 5 } }, { network: { fetch, isOnline: () => true } });
  await session.start(world.server.login());
  world.server.hold = new Promise(() => {});
  const call = session.fetch('/api/orders').catch((error: Error) => error.name);
  await settle();
  await world.clock.advance(6);
  expect(await call).toBe('QueueTimeoutError');
  expect(isCancelled).toBe(true);
});

test('token() is rejected with a signal that is aborted already', async () => {
  const { session } = await noted();
  await expect(session.token({ signal: AbortSignal.abort('the user left') })).rejects.toBe('the user left');
});
