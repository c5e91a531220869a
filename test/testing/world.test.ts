/** The machine that apps test with: what a test says in one line is what happens. */
import { SessionEndedError } from 'holdfast';
import { createWorld, settle, type World, type WorldOptions } from 'holdfast/testing';
import { expect, test } from 'vitest';

async function signedIn(options?: WorldOptions) {
  const world = createWorld(options);
  const session = world.openTab();
  await session.start(world.server.login('ada'));
  return { world, session };
}

const statuses = ({ server }: World) => server.calls.map(({ status }) => status);

test('the token expires now: the next request rotates, and is answered', async () => {
  const { session, world } = await signedIn();
  world.server.expireTokens();
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(statuses(world)).toEqual([401, 200]);
  expect(world.server.rotations()).toBe(1);
});

test('another tab signs out: this one has ended, and the refresh token is revoked', async () => {
  const { session, world } = await signedIn();
  await world.openTab().end();
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
  expect(world.server.revoked).toEqual(['refresh-1']);
  expect((await session.fetch('/api/orders')).status).toBe(401);
});

test('the server is down for a minute: the session outlives it', async () => {
  const { session, world } = await signedIn({ life: 60 });
  world.server.goDown(60);
  await world.advance(50);
  expect(session.state.status).toBe('stale');
  await expect(fetchNow(world)).rejects.toThrow(TypeError);
  await world.advance(40);
  expect(session.state.status).toBe('active');
  expect(world.server.reuses()).toBe(0);
});

test('the server is down until it is brought back, and not longer than the latest outage lasts', async () => {
  const { world } = await signedIn();
  const first = world.server.goDown();
  const second = world.server.goDown(60, 503);
  first();
  expect((await fetchNow(world)).status).toBe(503);
  second();
  second();
  expect((await fetchNow(world)).status).toBe(401);
});

test('the server ends all sessions: so does the app', async () => {
  const { session, world } = await signedIn();
  world.server.endSessions();
  await expect(session.fetch('/api/orders')).rejects.toThrow(SessionEndedError);
  expect(session.state).toEqual({ status: 'ended', reason: 'rejected' });
});

test('time passes: the first tab keeps the session alive, and after it the next', async () => {
  const { session, world } = await signedIn();
  const other = world.openTab();
  await world.advance(3_600);
  expect(other.state).toMatchObject({ status: 'active', generation: 16 });
  expect(session.inspect().role).toBe('leader');
  session.dispose();
  expect(other.inspect().role).toBe('leader');
  await world.advance(3_600);
  expect(other.state).toMatchObject({ status: 'active', generation: 32 });
});

test('a page that is loaded anew finds its session', async () => {
  const { session, world } = await signedIn();
  session.dispose();
  const next = world.openTab();
  expect(next.state).toEqual({ status: 'restoring' });
  await next.ready;
  expect(next.state).toMatchObject({ status: 'active', generation: 0 });
});

test('the site’s data are cleared: a page that is loaded anew finds nothing', async () => {
  const { session, world } = await signedIn();
  session.dispose();
  world.vault.clear();
  const next = world.openTab();
  await next.ready;
  expect(next.state).toEqual({ status: 'absent' });
});

test('the storage breaks: the session waits for it, and goes on', async () => {
  const { session, world } = await signedIn();
  world.vault.isBroken = true;
  expect((await session.fetch('/api/orders')).status).toBe(200);
  await world.advance(600);
  expect(session.state.status).toBe('stale');
  world.vault.isBroken = false;
  await world.advance(60);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
});

test('a session that is to rest in memory only ends with its last tab', async () => {
  const world = createWorld();
  const open = () => world.openTab({ storage: 'memory' });
  const session = open();
  await session.start(world.server.login());
  const other = open();
  await other.ready;
  expect(other.state.status).toBe('active');
  for (const tab of [session, other]) tab.dispose();
  const last = open();
  await world.advance(1);
  expect(last.state).toEqual({ status: 'absent' });
});

test('the browser is offline: nothing is sent, and coming online is noticed at once', async () => {
  const { session, world } = await signedIn();
  world.network.isOnline = false;
  await world.advance(400);
  expect(session.state.status).toBe('stale');
  await expect(world.network.fetch('/')).rejects.toThrow(TypeError);
  world.network.isOnline = true;
  await settle();
  expect(session.state.status).toBe('active');
});

test('the page is hidden and shown: a session that is kept while visible is kept from then on', async () => {
  const world = createWorld();
  const session = world.openTab({ keepAlive: 'visible' });
  await session.start(world.server.login());
  world.page.isVisible = false;
  await world.advance(400);
  expect(session.state.status).toBe('stale');
  world.page.isVisible = true;
  await settle();
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
});

test('the machine sleeps for a night: the session goes on when the user comes back', async () => {
  const { session, world } = await signedIn();
  await world.sleep(8 * 3_600);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('without Web Locks one refresh token is presented once all the same', async () => {
  const { session, world } = await signedIn();
  world.lock.isExclusive = false;
  const tabs = [session, world.openTab(), world.openTab()];
  expect(session.inspect().missing).toEqual(['locks']);
  await Promise.all(tabs.map(({ ready }) => ready));
  world.server.expireTokens();
  const responses = Promise.all(tabs.map((tab) => tab.fetch('/api/orders')));
  await world.advance(1);
  expect((await responses).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect([world.server.rotations(), world.server.reuses()]).toEqual([1, 0]);
});

test('tabs that are deaf find out when the user comes back to them', async () => {
  const { session, world } = await signedIn();
  world.tabs.areDeaf = true;
  await world.openTab().end();
  await settle();
  expect(session.state.status).toBe('active');
  world.page.comeBack();
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
});

test('somebody else signs in: the other tab has ended, and the API knows who it is', async () => {
  const { session, world } = await signedIn({ api: (_, user) => Response.json({ user }) });
  const other = world.openTab();
  await other.ready;
  await other.start(world.server.login('bob'));
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'replaced' });
  expect(await (await other.fetch('/api/me')).json()).toEqual({ user: 'bob' });
});

test('what needs no sign-in is answered without', async () => {
  const world = createWorld({ anonymous: () => Response.json('for everybody') });
  expect(await (await world.openTab().fetch('/api/news')).json()).toBe('for everybody');
});

test('the token server is where the app’s is, and adds what the app’s adds', async () => {
  const tokenEndpoint = 'https://login.example.com/token';
  const { session, world } = await signedIn({ tokenEndpoint, extra: { refresh_expires_in: 1_800 } });
  await session.rotate();
  expect(world.server.rotations()).toBe(1);
  expect(session.state).toMatchObject({ endsAt: world.clock.now() + 1_800_000 });
});

test('a fault befalls the token endpoint: an answer that is lost', async () => {
  const { session, world } = await signedIn();
  world.server.fault = (answer) => {
    answer();
    world.server.fault = undefined;
    throw new TypeError('The connection broke.');
  };
  await world.advance(200);
  expect(world.server.rotations()).toBe(1);
  expect(world.server.reuses()).toBeGreaterThan(0);
  expect(session.state).toEqual({ status: 'ended', reason: 'rejected' });
});

test('a world begins when it is told to', () => {
  expect(createWorld({ startAt: 86_400_000 }).clock.now()).toBe(86_400_000);
});

test('an option that is none is refused as createSession refuses it', () => {
  expect(() => createWorld().openTab({ patience: 60_000 })).toThrow(TypeError);
});

/** Without a token. */
function fetchNow({ network }: World): Promise<Response> {
  return network.fetch('/api/orders');
}
