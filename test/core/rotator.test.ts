/** The rotation protocol: exactly once, over tabs, crashes, lost answers and wrong clocks. */
import { expect, test } from 'vitest';
import type { Vault } from '../../src/core/ports.ts';
import type { SessionEvents } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle, type World } from '../doubles/world.ts';

const SECOND = 1_000;

/** A promise to be kept later. */
function later(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function signedIn(options: Parameters<World['open']>[0] = {}, life = 300) {
  const world = createWorld({ life });
  const session = world.open(options);
  await session.start(world.server.login());
  return { world, session };
}

test('five idle tabs make one rotation for each lifetime', async () => {
  const { world } = await signedIn();
  const others = Array.from({ length: 4 }, () => world.open());
  await settle();
  await world.clock.advance(3_600);
  // From 0.3 to 0.9 of 270 s the first, 0.825 on average then: 162 s and 15 times 222.75 s.
  expect(world.server.rotations()).toBe(16);
  expect(world.server.reuses()).toBe(0);
  for (const tab of others) expect(tab.state).toMatchObject({ status: 'active', generation: 16 });
});

test('when the leader is gone the others step in before the token dies', async () => {
  const { world, session } = await signedIn();
  const other = world.open();
  await settle();
  session.dispose();
  await world.clock.advance(170);
  expect(world.server.rotations()).toBe(1);
  expect(other.state).toMatchObject({ status: 'active', generation: 1 });
});

test('ten tabs with a dead token and twenty calls each make one rotation', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  const tabs = [session, ...Array.from({ length: 9 }, () => world.open({ keepAlive: 'demand' }))];
  await Promise.all(tabs.map(({ ready }) => ready));
  await world.clock.advance(3_600);
  const calls = Promise.all(tabs.flatMap((tab) => Array.from({ length: 20 }, () => tab.fetch('/api/orders'))));
  await world.clock.advance(2);
  expect((await calls).every(({ status }) => status === 200)).toBe(true);
  expect(world.server.rotations()).toBe(1);
});

test('a rotation cut off by a crash is presented again, and flagged', async () => {
  const { world } = await signedIn();
  const rotated: SessionEvents['rotated'][] = [];
  const record = await world.vault.read();
  if (record === undefined) throw new Error('There is no record.');
  const now = world.clock.now();
  const attempt = { id: 'dead', sentAt: now, firstSentAt: now, until: now + 20 * SECOND, resends: 0 };
  await world.vault.update(() => ({ ...record, attempt }));
  const other = world.open();
  other.on('rotated', (event) => rotated.push(event));
  await other.ready;
  expect(other.inspect().attempt).toEqual({ sentAt: now, resends: 0 });
  await world.clock.advance(250);
  expect(rotated).toMatchObject([{ generation: 1, resent: true }]);
  expect(other.inspect().lastRotation?.resent).toBe(true);
});

test('where requests outlive their tab, its rotation is given time to land before the token is presented again', async () => {
  const server = { ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' }), keepalive: true };
  const { session, world } = await signedIn({ keepAlive: 'demand', server });
  await world.clock.advance(310);
  const now = world.clock.now();
  const attempt = { id: 'dead', sentAt: now, firstSentAt: now, until: now + 20 * SECOND, resends: 0 };
  await world.vault.update((record) => record && { ...record, attempt });
  const response = session.fetch('/api/orders');
  await world.clock.advance(19);
  expect(world.server.sent).toEqual([]);
  await world.clock.advance(3);
  expect((await response).status).toBe(200);
  expect(world.server.sent).toHaveLength(1);
});

test('what a rotation brought whose answer was lost is as old as its request', async () => {
  const { session, world } = await signedIn({
    keepAlive: 'demand',
    server: {
      ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' }),
      lostAnswer: 'probe',
      probe: async (tokens) => ({ outcome: 'rotated', tokens }),
    },
  });
  await world.clock.advance(250);
  const sentAt = world.clock.now();
  const attempt = { id: 'lost', sentAt, firstSentAt: sentAt, until: sentAt, resends: 0, lost: true };
  await world.vault.update((record) => record && { ...record, attempt });
  // The one before it has to be dead, or nothing could be told.
  await world.clock.advance(55);
  const token = session.token();
  await world.clock.advance(5);
  await token;
  expect(world.server.sent).toEqual([]);
  expect(session.state).toMatchObject({ status: 'active', generation: 1, expiresAt: sentAt + 300 * SECOND });
});

test('where lost answers end the session, the access token is used until it dies', async () => {
  const { world, session } = await signedIn({ oauth2: { lostAnswer: 'end' } });
  world.server.fault = (answer) => {
    answer();
    throw new TypeError('Failed to fetch');
  };
  await world.clock.advance(299);
  expect(session.state.status).toBe('stale');
  expect((await session.fetch('/api/orders')).status).toBe(200);
  await world.clock.advance(2);
  expect(session.state).toEqual({ status: 'ended', reason: 'interrupted' });
  expect(world.server.reuses()).toBe(0);
});

test('a lost answer is asked for again only as often as the server allows', async () => {
  const { world, session } = await signedIn({ oauth2: { lostAnswer: { resends: 1 } } });
  world.server.fault = () => {
    throw new TypeError('Failed to fetch');
  };
  await world.clock.advance(600);
  expect(world.server.sent.length).toBe(2);
  expect(session.state).toEqual({ status: 'ended', reason: 'interrupted' });
});

test('a lost answer is asked for again only as long as the server allows', async () => {
  const { world, session } = await signedIn({ oauth2: { lostAnswer: { within: 30 } } });
  world.server.fault = () => {
    throw new TypeError('Failed to fetch');
  };
  await world.clock.advance(280);
  const sent = world.server.sent.length;
  expect(sent).toBeGreaterThan(1);
  expect(sent).toBeLessThan(8);
  await world.clock.advance(60);
  expect(world.server.sent.length).toBe(sent);
  expect(session.state).toEqual({ status: 'ended', reason: 'interrupted' });
});

test('a rejection ends the session in every tab', async () => {
  const { world, session } = await signedIn();
  const other = world.open();
  await other.ready;
  world.server.fault = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
  await world.clock.advance(300);
  expect(session.state).toEqual({ status: 'ended', reason: 'rejected' });
  expect(other.state).toEqual({ status: 'ended', reason: 'rejected' });
  expect((await world.vault.read())?.sealed).toBeUndefined();
});

test('a misconfigured server wipes nothing and lets nobody wait', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(400);
  world.server.fault = () => Response.json({ error: 'invalid_client' }, { status: 401 });
  await expect(session.fetch('/api/orders')).rejects.toMatchObject({
    name: 'RotationError',
    permanent: true,
    status: 401,
  });
  await expect(session.fetch('/api/orders')).rejects.toMatchObject({ name: 'RotationError', permanent: true });
  expect(session.state.status).toBe('stale');
  world.server.fault = undefined;
  await world.clock.advance(400);
  await session.rotate();
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('Retry-After is a floor', async () => {
  const { world, session } = await signedIn();
  world.server.fault = () => new Response(null, { status: 429, headers: { 'retry-after': '40' } });
  await world.clock.advance(163);
  expect(world.server.sent.length).toBe(1);
  await world.clock.advance(38);
  expect(world.server.sent.length).toBe(1);
  world.server.fault = undefined;
  await world.clock.advance(30);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
  expect(session.inspect().lastRotation?.resent).toBe(false);
});

test('a server that is down is tried at most six times a minute over all tabs', async () => {
  const { world } = await signedIn();
  world.chance.roll = 0;
  const tabs = Array.from({ length: 3 }, () => world.open());
  await settle();
  await world.clock.advance(100);
  world.server.fault = () => new Response(null, { status: 503 });
  for (let minute = 0; minute < 10; minute += 1) {
    const before = world.server.sent.length;
    const calls = tabs.map((tab) => tab.fetch('/api/orders').catch(() => undefined));
    await world.clock.advance(60);
    await Promise.all(calls);
    expect(world.server.sent.length - before).toBeLessThanOrEqual(6);
  }
});

test('while offline nothing is sent; back online the session recovers by itself', async () => {
  const { world, session } = await signedIn();
  world.network.isOnline = false;
  await world.clock.advance(400);
  expect(world.server.sent.length).toBe(0);
  expect(session.state.status).toBe('stale');
  world.network.isOnline = true;
  await world.comeBack();
  await world.clock.advance(1);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
});

test.each([
  { limit: 45, rule: 'a second presentation may end the session', lostAnswer: {} },
  { limit: 15, rule: 'the server allows a second presentation', lostAnswer: { resends: 1 } },
])('a token endpoint that hangs is given up after $limit seconds where $rule', async ({ limit, lostAnswer }) => {
  const { world, session } = await signedIn({ oauth2: { lostAnswer } });
  world.server.delay = new Promise(() => {});
  await world.clock.advance(162 + limit - 1);
  expect(session.inspect().failures).toBe(0);
  await world.clock.advance(2);
  expect(session.inspect().failures).toBe(1);
  expect(session.state.status).toBe('stale');
  world.server.delay = undefined;
  await world.clock.advance(60);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
});

test('an answer that takes forty seconds keeps the session', async () => {
  const { world, session } = await signedIn();
  const other = world.open();
  await other.ready;
  const answer = later();
  world.server.hold = answer.promise;
  await world.clock.advance(202);
  answer.resolve();
  await world.clock.advance(1);
  for (const tab of [session, other]) expect(tab.state).toMatchObject({ status: 'active', generation: 1 });
  expect(world.server.sent.length).toBe(1);
});

test('an answer that is late is waited for only as long as a request can wait', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand', queue: { timeout: 40 } });
  await world.clock.advance(400);
  world.server.delay = new Promise(() => {});
  const call = session.fetch('/api/orders');
  await world.clock.advance(24);
  world.server.delay = undefined;
  expect(session.inspect().failures).toBe(0);
  await world.clock.advance(15);
  expect((await call).status).toBe(200);
});

test('an answer that arrives while the machine sleeps is still read', async () => {
  const { world, session } = await signedIn();
  const answer = later();
  world.server.hold = answer.promise;
  await world.clock.advance(163);
  await world.clock.sleep(8 * 3_600);
  answer.resolve();
  world.server.hold = undefined;
  await world.clock.advance(1);
  // What it brought has died in the night: one more rotation.
  await world.clock.advance(5);
  expect(session.state).toMatchObject({ status: 'active', generation: 2 });
  expect(world.server.reuses()).toBe(0);
});

test('a tab frozen between claim and send does not send', async () => {
  const { world, session } = await signedIn();
  const thaw = later();
  const { vault } = world;
  const frozen: Vault = {
    ...vault,
    update: async (change) => {
      const stored = await vault.update(change);
      if (stored?.attempt !== undefined) await thaw.promise;
      return stored;
    },
  };
  session.dispose();
  const tab = world.open({}, { vault: frozen });
  await tab.ready;
  await world.clock.advance(165);
  expect((await vault.read())?.attempt).toBeDefined();
  await world.clock.sleep(30);
  thaw.resolve();
  await settle();
  expect(world.server.sent.length).toBe(0);
  await world.clock.advance(10);
  expect(tab.state).toMatchObject({ status: 'active', generation: 1 });
  expect(tab.inspect().lastRotation?.resent).toBe(false);
});

test('tokens that storage refuses are used from memory, and stored when it can', async () => {
  const { world, session } = await signedIn();
  session.dispose();
  let isFull = false;
  const vault: Vault = {
    ...world.vault,
    update: (change) =>
      world.vault.update((stored) => {
        const next = change(stored);
        if (isFull && next !== undefined && next.generation > (stored?.generation ?? 0))
          throw new Error('QuotaExceededError');
        return next;
      }),
  };
  const tab = world.open({}, { vault });
  await tab.ready;
  isFull = true;
  await world.clock.advance(170);
  expect(tab.state).toMatchObject({ status: 'active', generation: 1 });
  expect((await tab.fetch('/api/orders')).status).toBe(200);
  expect((await world.vault.read())?.generation).toBe(0);
  isFull = false;
  await world.clock.advance(270);
  expect(tab.state).toMatchObject({ status: 'active', generation: 2 });
  expect((await world.vault.read())?.generation).toBe(2);
  expect(world.server.reuses()).toBe(0);
});

test('a database deleted under a living session is put back', async () => {
  const { world, session } = await signedIn();
  session.dispose();
  let isGone = false;
  const vault: Vault = {
    ...world.vault,
    read: async () => (isGone ? undefined : world.vault.read()),
    update: async (change) => {
      const stored = await world.vault.update((before) => {
        const next = change(isGone ? undefined : before);
        if (next !== undefined) isGone = false;
        return next;
      });
      return isGone ? undefined : stored;
    },
  };
  const tab = world.open({}, { vault });
  await tab.ready;
  isGone = true;
  await world.clock.advance(170);
  expect(tab.state).toMatchObject({ status: 'active', generation: 1 });
  expect(isGone).toBe(false);
});

test('after eight hours asleep the first request costs one rotation and one send', async () => {
  const { world, session } = await signedIn();
  await world.clock.advance(10);
  await world.clock.sleep(8 * 3_600);
  const response = await session.fetch('/api/orders');
  expect(response.status).toBe(200);
  expect(world.server.rotations()).toBe(1);
  expect(world.server.calls.length).toBe(1);
});

test.each([
  ['an hour ahead', 3_600],
  ['an hour back', -3_600],
  ['five years back', -5 * 365 * 86_400],
])('a clock that is set %s makes one rotation at most, and no refusal', async (_, seconds) => {
  const { world, session } = await signedIn();
  await world.clock.advance(60);
  world.clock.set(world.clock.now() + seconds * SECOND);
  // The server's clock is right: what it gave stays good for as long as it said.
  await world.comeBack();
  await world.clock.advance(5);
  expect(world.server.rotations()).toBeLessThanOrEqual(1);
  await world.clock.advance(3_600);
  expect(session.state.status).toBe('active');
  expect(world.server.rotations()).toBeLessThanOrEqual(18);
  expect(world.server.rotations()).toBeGreaterThanOrEqual(15);
});

test('a rotation that gets the lock late leaves alone what has come since', async () => {
  const world = createWorld();
  let grant = () => {};
  const granted = new Promise<void>((resolve) => {
    grant = resolve;
  });
  const late = async (task: (lost: AbortSignal) => Promise<void>) => {
    await granted;
    await task(new AbortController().signal);
    return 'held' as const;
  };
  const session = world.open({ keepAlive: 'demand' }, { lock: { isExclusive: true, hold: late } });
  await session.start(world.server.login());
  const other = world.open({ keepAlive: 'demand' });
  await other.ready;
  const rotating = session.rotate();
  await other.rotate();
  await settle();
  expect(session.state).toMatchObject({ generation: 1 });
  grant();
  await rotating;
  expect(world.server.rotations()).toBe(1);
});

test('without Web Locks the lease keeps a second tab out, and a lost one is waited for', async () => {
  const noLock = {
    isExclusive: false,
    hold: async (task: (lost: AbortSignal) => Promise<void>) => (
      await task(new AbortController().signal), 'held' as const
    ),
  };
  const world = createWorld();
  const first = world.open({ keepAlive: 'demand' }, { lock: noLock });
  await first.start(world.server.login());
  const second = world.open({ keepAlive: 'demand' }, { lock: noLock });
  await second.ready;
  await world.clock.advance(400);
  const answer = later();
  world.server.hold = answer.promise;
  const calls = [first.fetch('/api/orders'), second.fetch('/api/orders')];
  await world.clock.advance(10);
  expect(world.server.sent.length).toBe(1);
  answer.resolve();
  await world.clock.advance(1);
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
  expect(world.server.rotations()).toBe(1);
});

test('a tab that holds the lock and does not move is waited for as long as a request can wait', async () => {
  const { world, session } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(400);
  void world.lock.hold(() => new Promise(() => {}));
  await settle();
  const call = session.fetch('/api/orders');
  await world.clock.advance(40);
  expect(world.server.sent.length).toBe(0);
  await world.clock.advance(10);
  expect((await call).status).toBe(200);
  expect(world.server.rotations()).toBe(1);
});

test('a rejected second presentation waits for the tab that made the first', async () => {
  const { world, session } = await signedIn({ oauth2: { lostAnswer: { resends: 1 } } });
  const answer = later();
  const other = world.open();
  await other.ready;
  world.server.hold = answer.promise;
  await world.clock.advance(163);
  expect(world.server.rotations()).toBe(1);
  // The first tab freezes now: its answer is there, but it cannot read it.
  const record = await world.vault.read();
  expect(record?.attempt).toBeDefined();
  expect(session.state.status).toBe('active');
  answer.resolve();
  await world.clock.advance(1);
  expect(other.state).toMatchObject({ status: 'active', generation: 1 });
});

test('rotate() goes at once, and at most every ten seconds', async () => {
  const { world, session } = await signedIn();
  await session.rotate();
  await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError', permanent: false });
  expect(world.server.rotations()).toBe(1);
  await world.clock.advance(10);
  await session.rotate();
  expect(world.server.rotations()).toBe(2);
});

test('the refresh token’s own end ends the session', async () => {
  const world = createWorld({ extra: { refresh_expires_in: 1_000 } });
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login());
  expect(session.state).toMatchObject({ endsAt: world.clock.now() + 1_000 * SECOND });
  await world.clock.advance(999);
  expect(session.state.status).toBe('stale');
  await world.clock.advance(2);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
});

test('a token that dies at once is not chased', async () => {
  const { world, session } = await signedIn({}, 0);
  await world.clock.advance(60);
  expect(world.server.rotations()).toBeLessThanOrEqual(10);
  const before = world.server.rotations();
  const call = session.fetch('/api/orders');
  await world.clock.advance(20);
  await call;
  expect(world.server.rotations() - before).toBeLessThanOrEqual(3);
});

test('a leeway as long as the token’s life does not loop', async () => {
  const { world } = await signedIn({ leeway: 300 });
  await world.clock.advance(3_000);
  expect(world.server.rotations()).toBeLessThan(20);
});

test('a life of a month is waited out', async () => {
  const month = 30 * 86_400;
  const { world, session } = await signedIn({}, month);
  await world.clock.advance(8 * 86_400);
  expect(world.server.rotations()).toBe(0);
  await world.clock.advance(20 * 86_400);
  expect(world.server.rotations()).toBe(1);
  expect(session.state.status).toBe('active');
});

test('other tabs follow when the same person signs in again, and end when it is somebody else', async () => {
  const world = createWorld();
  const [first, second, third] = [world.open(), world.open(), world.open()];
  await first.start(world.server.login(), { user: 'ada' });
  await Promise.all([first.ready, second.ready, third.ready]);
  // They were open before anybody signed in: nobody is signed in by another tab's doing.
  expect(second.state).toEqual({ status: 'absent' });
  const fourth = world.open();
  await fourth.ready;
  await first.start(world.server.login(), { user: 'ada' });
  await settle();
  await settle();
  expect(fourth.state.status).toBe('active');
  await first.start(world.server.login(), { user: 'bob' });
  await settle();
  await settle();
  expect(fourth.state).toEqual({ status: 'ended', reason: 'replaced' });
  expect(world.server.revoked).toEqual(['refresh-2']);
});

test('signing out in one tab ends the others, also when the message is lost', async () => {
  const { world, session } = await signedIn();
  const deaf = world.open({}, { tabs: deafTabs });
  await deaf.ready;
  await session.end();
  await world.comeBack();
  expect(deaf.state).toEqual({ status: 'ended', reason: 'signed-out' });
});

test('a stale tab’s sign-out does not touch the next user', async () => {
  const { world, session } = await signedIn();
  const deaf = world.open({}, { tabs: deafTabs });
  await deaf.ready;
  await session.end();
  await session.start(world.server.login(), { user: 'bob' });
  await deaf.end();
  expect((await world.vault.read())?.ended).toBeUndefined();
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('signing out works while storage hangs, and the tombstone keeps the tokens in', async () => {
  const { world, session } = await signedIn();
  session.dispose();
  let hangs = false;
  const vault: Vault = {
    ...world.vault,
    read: () => (hangs ? Promise.reject(new Error('timeout')) : world.vault.read()),
    update: (change) => (hangs ? Promise.reject(new Error('timeout')) : world.vault.update(change)),
  };
  const [tab, other] = [world.open({}, { vault }), world.open({}, { vault })];
  await Promise.all([tab.ready, other.ready]);
  hangs = true;
  await tab.end();
  expect(tab.state).toEqual({ status: 'ended', reason: 'signed-out' });
  await other.fetch('/api/orders').catch(() => undefined);
  expect(world.server.calls.filter(({ authorization }) => authorization !== null)).toEqual([]);
  expect(other.state).toEqual({ status: 'ended', reason: 'signed-out' });
});

test('a doubt about a token of unknown life is not asked about again and again', async () => {
  const world = createWorld();
  let writes = 0;
  const vault: Vault = {
    ...world.vault,
    update: (change) => {
      writes += 1;
      return world.vault.update(change);
    },
  };
  const session = world.open({ oauth2: { lostAnswer: 'end' } }, { vault });
  const { expires_in: _, ...response } = world.server.login();
  await session.start(response);
  world.server.fault = () => new Response('', { status: 503 });
  await session.rotate().catch(() => undefined);
  await world.clock.advance(3_600);
  expect(writes).toBeLessThan(20);
});
