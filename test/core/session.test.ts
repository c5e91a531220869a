/** One tab's session, from sign-in to sign-out. */
import { expect, test } from 'vitest';
import { memorySeal } from '../../src/core/memory-vault.ts';
import type { Seal, Vault } from '../../src/core/ports.ts';
import type { Session, TokenServer } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { createWorld, settle } from '../doubles/world.ts';

test('a session is kept for a day without one refusal', async () => {
  const world = createWorld();
  const session = world.open();
  await session.ready;
  expect(session.state).toEqual({ status: 'absent' });
  await session.start(world.server.login());
  expect(session.state).toMatchObject({ status: 'active', generation: 0 });
  for (let hour = 0; hour < 24; hour += 1) {
    await world.clock.advance(3_600);
    const response = await session.fetch('/api/orders');
    expect(response.status).toBe(200);
  }
  expect(world.server.calls.filter(({ status }) => status === 401)).toEqual([]);
  expect(world.server.reuses()).toBe(0);
  // 24 h over (300 s - 30 s) * 0.825.
  expect(world.server.rotations()).toBeGreaterThan(380);
  expect(world.server.rotations()).toBeLessThan(392);
});

test('a hundred calls with a dead token make one rotation and all succeed', async () => {
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login());
  await world.clock.advance(3_600);
  const calls = Array.from({ length: 100 }, () => session.fetch('/api/orders'));
  await settle();
  await world.clock.advance(1);
  const responses = await Promise.all(calls);
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  expect(world.server.rotations()).toBe(1);
});

test('what lands after a sign-out in another tab is revoked, though the same person has signed in again here', async () => {
  const world = createWorld();
  const buriesNothing = { ...world.vault, bury: () => undefined };
  const other = world.open({}, { vault: buriesNothing });
  await other.start(world.server.login(), { user: 'ada' });
  const session = world.open({}, { tabs: deafTabs });
  await session.ready;
  let answer = () => {};
  world.server.hold = new Promise((resolve) => {
    answer = resolve;
  });
  const rotating = session.rotate();
  await settle();
  await other.end();
  await session.start(world.server.login(), { user: 'ada' });
  answer();
  await rotating;
  await settle();
  expect(world.server.revoked).toEqual(['refresh-1', 'refresh-2']);
  expect(session.state).toMatchObject({ status: 'active' });
});

test('an answer that lands after sign-out is dropped, and what it won is revoked', async () => {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  let release = () => {};
  world.server.hold = new Promise((resolve) => {
    release = resolve;
  });
  const rotating = session.rotate();
  await settle();
  await session.end();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
  release();
  await expect(rotating).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'signed-out' });
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
  expect(world.server.revoked).toEqual(['refresh-1', 'refresh-2']);
  const again = world.open();
  await again.ready;
  expect(again.state).toEqual({ status: 'absent' });
});

test('while the server is down the session is stale, requests wait, and all succeed when it is back', async () => {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  world.server.fault = () => new Response('down', { status: 503 });
  await world.clock.advance(320);
  expect(session.state.status).toBe('stale');
  const calls = Promise.all(Array.from({ length: 5 }, () => session.fetch('/api/orders')));
  await world.clock.advance(20);
  world.server.fault = undefined;
  await world.clock.advance(39);
  expect((await calls).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(session.state.status).toBe('active');
  expect(world.server.reuses()).toBe(0);
});

test('an endpoint that is not https is refused by name', () => {
  const world = createWorld();
  const open = () => world.open({ oauth2: { tokenEndpoint: 'http://as.example.com/token' } });
  expect(open).toThrow('server.endpoints[0] must be an https URL');
});

test('a base URL of another origin does not choose who gets the token', () => {
  const world = createWorld();
  world.page.url = 'https://evil.example/';
  expect(() => world.open()).toThrow('resources[0] is relative');
});

test('pushed tokens that no header can carry are dropped, and stand in no message', async () => {
  const world = createWorld();
  const server = oauth2({ tokenEndpoint: 'https://as.example.com/token', clientId: 'spa' });
  const session = world.open({ server: { ...server, adopt: () => ({ accessToken: 'CANARY\nx', life: 1e6 }) } });
  await session.start(world.server.login());
  for (let call = 0; call < 2; call += 1) expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(JSON.stringify(world.logs)).not.toContain('CANARY');
  expect(world.logs.some(({ event }) => event === 'adoption.failed')).toBe(true);
});

test('pushed tokens become the next generation', async () => {
  const world = createWorld();
  const server = oauth2({ tokenEndpoint: 'https://as.example.com/token', clientId: 'spa' });
  const next = world.server.login()['access_token'];
  if (typeof next !== 'string') throw new Error('The double gave no token.');
  let isPushed = false;
  const adopt = () => {
    if (isPushed) return undefined;
    isPushed = true;
    return { accessToken: next, life: 300_000 };
  };
  const session = world.open({ server: { ...server, adopt } });
  await session.start(world.server.login());
  await session.fetch('/api/orders');
  expect(session.state).toMatchObject({ generation: 1 });
  expect(await session.token()).toBe(next);
});

test.each([
  ['in turn', [100, 200], 2],
  ['out of turn', [200, 100], 1],
  ['at once with the same end', [200, 200], 1],
])('of two pushed tokens that come %s the later to expire is kept', async (_, ends, generation) => {
  const world = createWorld();
  const server = oauth2({ tokenEndpoint: 'https://as.example.com/token', clientId: 'spa' });
  const pushed = ends.map((exp) => jwt({ iat: 0, exp }));
  const adopt = () => ({ accessToken: pushed.shift() ?? '', life: 300_000 });
  const session = world.open({ server: { ...server, adopt, isRefusal: () => false } });
  await session.start({ ...world.server.login(), access_token: jwt({ iat: 0, exp: 50 }) });
  await Promise.all([session.fetch('/api/orders'), session.fetch('/api/orders')]);
  expect(await session.token()).toBe(jwt({ iat: 0, exp: 200 }));
  expect(session.state).toMatchObject({ generation });
});

test('a polluted Object.prototype changes nothing', async () => {
  const pollution = { user: 'mallory', reason: 'idle', minValidity: 'x', leeway: 1 };
  for (const [name, value] of Object.entries(pollution)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
  try {
    const world = createWorld();
    const session = world.open();
    await session.start(world.server.login());
    expect(session.state).toMatchObject({ status: 'active', user: undefined });
    expect(await session.token()).toBe('access-1');
    await session.end();
    expect(session.state).toMatchObject({ reason: 'signed-out' });
  } finally {
    for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test('one permanent refusal does not brick a session that rotates on demand', async () => {
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login());
  await world.clock.advance(400);
  world.server.fault = () => new Response('gone for a deploy', { status: 404 });
  await expect(session.fetch('/api/orders')).rejects.toMatchObject({ name: 'RotationError', permanent: true });
  world.server.fault = undefined;
  await world.clock.advance(400);
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('a refusal whose rotation has to wait still counts as its cause', async () => {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  world.server.fault = (answer) => {
    const response = answer();
    world.server.expireTokens();
    return response;
  };
  world.server.expireTokens();
  await session.rotate();
  for (let call = 0; call < 30; call += 1) {
    const response = session.fetch('/api/orders');
    await world.clock.advance(1.5);
    expect((await response).status).toBe(401);
  }
  expect(world.server.rotations()).toBeLessThanOrEqual(2);
});

test('the state becomes stale when the token dies, also while a rotation is in flight', async () => {
  const world = createWorld();
  const session = world.open({ schedule: { first: [1, 1] } });
  await session.start(world.server.login());
  world.server.delay = new Promise(() => {});
  await world.clock.advance(270.5);
  expect(session.state.status).toBe('stale');
});

test('after dispose() nothing goes out any more, and nothing hangs', async () => {
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login());
  await world.clock.advance(400);
  world.server.delay = new Promise(() => {});
  const waiting = session.fetch('/api/orders');
  await settle();
  session.dispose();
  await expect(waiting).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'disposed' });
  await expect(session.fetch('/api/orders')).rejects.toMatchObject({ reason: 'disposed' });
  await expect(session.rotate()).rejects.toMatchObject({ reason: 'disposed' });
  await expect(session.start(world.server.login())).rejects.toMatchObject({ reason: 'disposed' });
  expect(world.server.calls).toEqual([]);
});

test.each(['indexeddb', 'memory'] as const)(
  'a refusal that comes after dispose() presents nothing, and other tabs keep their session (%s)',
  async (storage) => {
    const world = createWorld();
    const other = world.open({ storage, keepAlive: 'demand' });
    await other.start(world.server.login());
    const answers: (() => void)[] = [];
    const network = {
      isOnline: () => true,
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        const response = await world.server.fetch(input, init);
        await new Promise<void>((resolve) => answers.push(resolve));
        return response;
      },
    };
    const session = world.open({ storage }, { network });
    await session.ready;
    world.server.expireTokens();
    const refused = session.fetch('/api/orders').catch((error: unknown) => error);
    await settle();
    session.dispose();
    await world.clock.advance(5);
    for (const answer of answers) answer();
    expect(await refused).toMatchObject({ name: 'SessionEndedError', reason: 'disposed' });
    expect(world.server.sent).toEqual([]);
    await other.rotate();
    expect(other.state).toMatchObject({ status: 'active', generation: 1 });
  },
);

test.each<[what: string, ask: (session: Session) => Promise<unknown>]>([
  ['token()', (session) => session.token({ minValidity: 290 })],
  ['rotate()', (session) => session.rotate()],
])('what %s has begun presents nothing once the session object is disposed', async (_, ask) => {
  const world = createWorld();
  await world.open({ keepAlive: 'demand' }).start(world.server.login());
  await world.clock.advance(100);
  const session = world.open({ keepAlive: 'demand' });
  const asked = ask(session).catch((error: unknown) => error);
  session.dispose();
  expect(await asked).toMatchObject({ name: 'SessionEndedError', reason: 'disposed' });
  expect(world.server.sent).toEqual([]);
});

test.each(['indexeddb', 'memory'] as const)(
  'end() before the record has been read ends nothing that is started after it (%s)',
  async (storage) => {
    const world = createWorld();
    await world.open({ storage }).start(world.server.login('ada'));
    let reads = 0;
    const read = async () => {
      reads += 1;
      if (reads === 1) throw new Error('The disk is slow.');
      return world.vault.read();
    };
    const { bury, isBuried, update } = world.vault;
    const session = world.open({ storage }, { vault: { bury, isBuried, read, update } });
    const ended = session.end();
    const started = session.start(world.server.login('bob'));
    await world.clock.advance(3);
    await Promise.all([ended, started]);
    expect(session.state).toMatchObject({ status: 'active', user: expect.stringContaining('bob') });
  },
);

test('a subscriber that ends the session is told of no rotation after that', async () => {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  const seen: string[] = [];
  for (const type of ['rotated', 'ended'] as const) session.on(type, () => seen.push(type));
  session.subscribe(() => {
    if ('generation' in session.state && session.state.generation === 1) void session.end();
  });
  await session.rotate().catch(() => undefined);
  expect(seen).toEqual(['ended']);
});

test('a rotate that gives nothing back is an answer that was lost, and not a matter of storage', async () => {
  const world = createWorld();
  const inner = oauth2({ tokenEndpoint: 'https://as.example.com/token', clientId: 'spa' });
  const rotate: TokenServer['rotate'] = async (...given) => {
    await inner.rotate(...given);
    return undefined as never;
  };
  const session = world.open({ server: { ...inner, rotate } });
  await session.start(world.server.login());
  const failure: unknown = await session.rotate().catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'RotationError', permanent: false });
  expect(String(failure)).not.toContain('nothing was sent');
  expect(session.inspect().attempt).toBeDefined();
});

test('while storage hangs, answers that push tokens are not kept back one after the other', async () => {
  const world = createWorld();
  let hangs = false;
  const orHang = <Value>(work: () => Promise<Value>): Promise<Value> =>
    hangs
      ? new Promise(
          (_, reject) => void world.clock.wake(world.clock.now() + 5_000, () => reject(new Error('It hangs.'))),
        )
      : work();
  const { bury, isBuried, read, update } = world.vault;
  const vault: Vault = {
    bury,
    isBuried,
    read: () => orHang(read),
    update: (change) => orHang(() => update(change)),
  };
  const next = (world.server.login() as { readonly access_token: string }).access_token;
  const server: TokenServer = {
    ...oauth2({ tokenEndpoint: 'https://as.example.com/token', clientId: 'spa' }),
    adopt: (_, tokens) => (tokens.accessToken === next ? undefined : { ...tokens, accessToken: next }),
  };
  const session = world.open({ server }, { vault });
  await session.start(world.server.login());
  hangs = true;
  const calls = Promise.all(Array.from({ length: 10 }, () => session.fetch('/api/orders')));
  await world.clock.advance(6);
  expect((await calls).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
});

test('nothing goes out with the token once end() was called, and whoever asks twice waits for the wipe', async () => {
  const world = createWorld();
  const session = world.open();
  const starting = session.start(world.server.login());
  const ending = session.end();
  const refused = expect(session.fetch('/api/orders')).rejects.toMatchObject({ reason: 'signed-out' });
  await starting;
  await Promise.all([ending, session.end()]);
  expect((await world.vault.read())?.ended).toBe('signed-out');
  await refused;
  expect(world.server.calls).toEqual([]);
});

test("a request after a sign-out that waited for its turn is nobody's, though somebody signs in while the wipe is written", async () => {
  const world = createWorld();
  let write = () => {};
  let wiped = Promise.resolve();
  const session = world.open(
    { signedOut: 'reject' },
    { vault: { ...world.vault, update: (change) => wiped.then(() => world.vault.update(change)) } },
  );
  const starting = session.start(world.server.login());
  const ending = session.end();
  await starting;
  wiped = new Promise((resolve) => {
    write = resolve;
  });
  await settle();
  expect(session.state).toMatchObject({ status: 'ended' });
  const refused = expect(session.fetch('/api/orders')).rejects.toMatchObject({ reason: 'signed-out' });
  const next = session.start(world.server.login());
  await settle();
  write();
  await Promise.all([ending, next, refused]);
  expect(world.server.calls).toEqual([]);
});

test('a read that fails at the start is tried again', async () => {
  const world = createWorld();
  const first = world.open();
  await first.start(world.server.login());
  first.dispose();
  let fails = 1;
  const vault = {
    ...world.vault,
    read: () => (fails-- > 0 ? Promise.reject(new Error('slow')) : world.vault.read()),
  };
  const session = world.open({}, { vault });
  const call = session.fetch('/api/orders');
  await world.clock.advance(1);
  expect((await call).status).toBe(200);
  expect(session.state.status).toBe('active');
});

test('a full queue turns nobody away who could go', async () => {
  const world = createWorld();
  const session = world.open({ queue: { limit: 1 } });
  await session.start(world.server.login());
  world.server.delay = new Promise(() => {});
  await world.clock.advance(163);
  const calls = Promise.all([1, 2, 3].map(() => session.fetch('/api/orders')));
  await world.clock.advance(1.1);
  expect((await calls).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('inspect() tells the role, the age, the generation, the last rotation and by whom, and what is pending', async () => {
  const world = createWorld();
  const leader = world.open();
  const follower = world.open({}, { missing: () => ['locks'] });
  await leader.start(world.server.login());
  const late = world.open();
  await late.ready;
  expect(follower.inspect()).toMatchObject({ role: 'follower', generation: undefined, missing: ['locks'] });
  await world.clock.advance(162);
  await settle();
  expect(leader.inspect()).toMatchObject({ role: 'leader', age: 162_000, generation: 1, failures: 0, waiting: 0 });
  expect(late.inspect()).toMatchObject({ role: 'follower', generation: 1 });
  expect(late.inspect().lastRotation).toMatchObject({ tab: leader.inspect().tab, cause: 'timer', resent: false });
  let answer = () => {};
  world.server.hold = new Promise((resolve) => {
    answer = resolve;
  });
  const rotating = leader.rotate();
  await settle();
  expect(leader.inspect().attempt).toEqual({ sentAt: world.clock.now(), resends: 0 });
  answer();
  await rotating;
  expect(leader.inspect()).toMatchObject({ generation: 2, attempt: undefined });
});

test('a sign-out while another tab opens that session ends there as well what the same person had before', async () => {
  const world = createWorld();
  const slow = memorySeal();
  const session = world.open({}, { seal: slow });
  await session.start(world.server.login(), { user: 'ada' });
  let isOpen = true;
  const seal: Seal = {
    seal: slow.seal,
    open: async (sealed, context) => {
      while (!isOpen) await settle();
      return slow.open(sealed, context);
    },
  };
  const other = world.open({}, { seal });
  await other.ready;
  expect(other.state.status).toBe('active');
  isOpen = false;
  await session.start(world.server.login(), { user: 'ada' });
  await settle();
  await session.end();
  await settle();
  isOpen = true;
  await settle();
  await settle();
  expect(other.state).toEqual({ status: 'ended', reason: 'replaced' });
});
