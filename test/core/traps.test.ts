/** The traps that ended the sessions of others, by the numbers of the list that the project keeps: each with two tabs at a strict server. */
import { describe, expect, test } from 'vitest';
import type { Ports } from '../../src/core/ports.ts';
import type { Session, SessionOptions } from '../../src/core/types.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { createWorld, settle, type World } from '../doubles/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const API = 'https://api.example.com';

interface Scene {
  readonly world: World;
  readonly session: Session;
  readonly other: Session;
}

async function signedIn(
  options: Partial<SessionOptions> = {},
  { life = 300, ports }: { readonly life?: number; readonly ports?: (world: World) => Partial<Ports> } = {},
): Promise<Scene> {
  const world = createWorld({ life });
  const session = world.open(options, ports?.(world));
  await session.start(world.server.login());
  const other = world.open(options);
  await other.ready;
  return { world, session, other };
}

/** Nobody is signed out, nothing was presented twice, and both tabs are at the same generation. */
async function expectKept({ other, session, world }: Scene): Promise<void> {
  const responses = Promise.all([session.fetch('/api/orders'), other.fetch('/api/orders')]);
  await world.clock.advance(2 * 60);
  expect((await responses).map(({ status }) => status)).toEqual([200, 200]);
  expect(session.inspect().generation).toBe(other.inspect().generation);
  expect(world.server.reuses()).toBe(0);
  expect(world.server.calls.filter(({ status }) => status === 401)).toEqual([]);
}

const troubles: Readonly<Record<string, (world: World) => void>> = {
  'no network': ({ network }) => {
    network.isOnline = false;
  },
  429: ({ server }) => {
    server.fault = () => new Response(null, { status: 429 });
  },
  500: ({ server }) => {
    server.fault = () => new Response(null, { status: 500 });
  },
  'the 503 of a proxy': ({ server }) => {
    server.fault = () => new Response('<h1>down</h1>', { status: 503 });
  },
  'an endpoint that hangs': ({ server }) => {
    server.delay = new Promise(() => {});
  },
};

test.each(Object.entries(troubles))('trap 1: %s is not a logout', async (_, begin) => {
  const scene = await signedIn();
  const { world } = scene;
  begin(world);
  await world.clock.advance(20 * 60);
  expect(scene.session.state.status).toBe('stale');
  Object.assign(world.server, { fault: undefined, delay: undefined });
  world.network.isOnline = true;
  await world.comeBack();
  await world.clock.advance(6 * 60);
  await expectKept(scene);
});

test('trap 2: a sign-out while a rotation is in flight is not undone by its answer', async () => {
  const { other, session, world } = await signedIn();
  let answer = () => {};
  world.server.hold = new Promise((resolve) => {
    answer = resolve;
  });
  const rotating = session.rotate();
  await settle();
  await other.end();
  answer();
  await expect(rotating).rejects.toMatchObject({ name: 'SessionEndedError' });
  await world.clock.advance(10 * 60);
  for (const tab of [session, other]) expect(tab.state).toEqual({ status: 'ended', reason: 'signed-out' });
  expect(world.server.revoked).toContain('refresh-2');
});

test('trap 3: when the tab that leads closes, another rotates', async () => {
  const { other, session, world } = await signedIn();
  session.dispose();
  await world.clock.advance(60 * 60);
  expect(other.state.status).toBe('active');
  expect(world.server.reuses()).toBe(0);
});

test('trap 4: a rotation that takes its time is not made by a second tab as well', async () => {
  const scene = await signedIn();
  const { server, clock } = scene.world;
  // It is sent after 162 s and takes 22.
  server.hold = new Promise((resolve) => void clock.wake(clock.now() + 184 * SECOND, () => resolve()));
  await clock.advance(190);
  expect(server.sent).toHaveLength(1);
  await expectKept(scene);
});

test('trap 6: a tab that missed the announcement does not present the spent refresh token', async () => {
  const { session, world } = await signedIn({ keepAlive: 'demand' });
  const deaf = world.open({ keepAlive: 'demand' }, { tabs: deafTabs });
  await deaf.ready;
  await session.rotate();
  await world.clock.advance(20);
  await deaf.rotate();
  expect(deaf.inspect().generation).toBe(1);
  expect(world.server.sent).toHaveLength(1);
  expect((await deaf.fetch('/api/orders')).status).toBe(200);
});

describe('trap 7: requests that wait for a rotation that fails all settle', () => {
  test.each([
    ['RotationError', 400, { error: 'invalid_client' }],
    ['SessionEndedError', 400, { error: 'invalid_grant' }],
    ['QueueTimeoutError', 503, {}],
  ])('with %s', async (name, status, body) => {
    const { other, session, world } = await signedIn({ keepAlive: 'demand' });
    await world.clock.advance(10 * 60);
    world.server.fault = () => Response.json(body, { status });
    const calls = [session, other].flatMap((tab) => Array.from({ length: 20 }, () => tab.fetch('/api/orders')));
    const endings = Promise.allSettled(calls);
    await world.clock.advance(2 * 60);
    const names = (await endings).map((ending) => ending.status === 'rejected' && Object(ending.reason).name);
    expect(new Set(names)).toEqual(new Set([name]));
  });
});

test('trap 8: a long poll that is never answered blocks no rotation', async () => {
  const scene = await signedIn(
    {},
    {
      ports: (world) => ({
        network: {
          isOnline: () => true,
          fetch: (input, init) =>
            String(input).endsWith('/poll') ? new Promise<Response>(() => {}) : world.server.fetch(input, init),
        },
      }),
    },
  );
  void scene.session.fetch('/api/poll');
  await scene.world.clock.advance(20 * 60);
  expect(scene.world.server.rotations()).toBeGreaterThanOrEqual(5);
  await expectKept(scene);
});

test('trap 9: the abort of one request is no failed rotation', async () => {
  const scene = await signedIn({ keepAlive: 'demand' });
  const { clock } = scene.world;
  await clock.advance(10 * 60);
  const controller = new AbortController();
  const aborted = scene.session.fetch('/api/orders', { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  expect(scene.session.state.status).not.toBe('ended');
  await expectKept(scene);
});

test('trap 10: a life beyond 2^31 milliseconds makes no storm of rotations', async () => {
  const scene = await signedIn({}, { life: 60 * 86_400 });
  await scene.world.clock.advance(60 * 60);
  expect(scene.world.server.sent).toEqual([]);
});

test.each([
  ['11: an origin that begins like one of ours', `${API}.evil.net/orders`],
  ['12: a foreign URL', 'https://elsewhere.example.org/orders'],
])('trap %s gets no token', async (_, url) => {
  const { session, world } = await signedIn({ resources: [API] });
  await session.fetch(url);
  await session.fetch(`${API}/orders`);
  expect(world.server.calls.map(({ authorization }) => authorization)).toEqual([null, 'Bearer access-1']);
});

test('trap 13: a Request keeps its method and its body, also when it is sent again', async () => {
  const sent: (readonly [method: string, body: string])[] = [];
  const { session, world } = await signedIn(
    {},
    {
      ports: ({ server }) => ({
        network: {
          isOnline: () => true,
          fetch: async (input, init) => {
            const request = new Request(input instanceof Request ? input : new URL(String(input), API), init);
            if (request.url.includes('/api/')) sent.push([request.method, await request.clone().text()]);
            return server.fetch(request);
          },
        },
      }),
    },
  );
  world.server.expireTokens();
  const request = new Request('https://app.example.com/api/orders', { method: 'PUT', body: 'five' });
  expect((await session.fetch(request)).status).toBe(200);
  expect(sent).toEqual([
    ['PUT', 'five'],
    ['PUT', 'five'],
  ]);
});

test('trap 14: three calls at expiry, and ten in each of two tabs, make one rotation', async () => {
  const { other, session, world } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(5 * 60);
  const tabs = [session, session, session, ...Array.from({ length: 10 }, () => [session, other]).flat()];
  const calls = Promise.all(tabs.map((tab) => tab.fetch('/api/orders')));
  await world.clock.advance(5);
  expect((await calls).every(({ status }) => status === 200)).toBe(true);
  expect(world.server.rotations()).toBe(1);
});

test('trap 15: a clock that is an hour ahead does not renew for ever', async () => {
  const scene = await signedIn();
  const { clock, server } = scene.world;
  clock.set(clock.now() + 60 * MINUTE);
  await clock.advance(60 * 60);
  expect(server.rotations()).toBeLessThanOrEqual(20);
});

test('trap 16: a machine that wakes after a night sends no stale token, and signs nobody out', async () => {
  const scene = await signedIn();
  await scene.world.clock.advance(10);
  await scene.world.clock.sleep(9 * 60 * 60);
  await expectKept(scene);
  expect(scene.world.server.rotations()).toBe(1);
});

test('trap 20: who waits is told when the new state is stored, not before', async () => {
  const { other, session, world } = await signedIn();
  const stored: (number | undefined)[] = [];
  for (const tab of [session, other]) {
    tab.on('rotated', () => void world.vault.read().then((record) => stored.push(record?.generation)));
  }
  await session.rotate();
  await settle();
  expect(stored).toEqual([1, 1]);
});
