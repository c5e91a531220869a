/** When a session rotates without being asked. */
import { expect, test } from 'vitest';
import { createWorld } from '../doubles/world.ts';

async function signedIn(keepAlive: 'always' | 'visible' | 'active' | 'demand') {
  const world = createWorld();
  const session = world.open({ keepAlive });
  await session.start(world.server.login());
  return { world, session };
}

test('always: also while the page is hidden and nobody is there', async () => {
  const { world, session } = await signedIn('always');
  world.page.isVisible = false;
  await world.clock.advance(3_600);
  expect(session.state.status).toBe('active');
});

test('visible: not while hidden, and at once when shown again', async () => {
  const { world, session } = await signedIn('visible');
  await world.clock.advance(200);
  expect(world.server.rotations()).toBe(1);
  world.page.isVisible = false;
  await world.clock.advance(3_600);
  expect(world.server.rotations()).toBe(1);
  expect(session.state.status).toBe('stale');
  world.page.isVisible = true;
  await world.comeBack();
  await world.clock.advance(1);
  expect(session.state).toMatchObject({ status: 'active', generation: 2 });
});

test('active: once after each rotation if the user did something since', async () => {
  const { world, session } = await signedIn('active');
  await world.clock.advance(10);
  session.touch();
  await world.clock.advance(200);
  expect(world.server.rotations()).toBe(1);
  await world.clock.advance(3_600);
  expect(world.server.rotations()).toBe(1);
  session.touch();
  await world.clock.advance(1);
  expect(session.state).toMatchObject({ status: 'active', generation: 2 });
});

test('active: in time, also for a user who never pauses', async () => {
  const world = createWorld();
  let lastInput = 0;
  const activity = {
    isVisible: () => true,
    lastInput: () => lastInput,
    touch: () => undefined,
    // Of input that follows input nobody is told.
    onReturn: () => () => undefined,
  };
  const session = world.open({ keepAlive: 'active' }, { activity });
  const events: string[] = [];
  for (const type of ['stale', 'rotated'] as const) session.on(type, () => events.push(type));
  await session.start(world.server.login());
  for (let second = 0; second < 600; second += 1) {
    lastInput = world.clock.monotonic();
    await world.clock.advance(1);
  }
  expect(events).toEqual(['rotated', 'rotated']);
});

test('demand: only when a request finds a dead token', async () => {
  const { world, session } = await signedIn('demand');
  await world.clock.advance(3_600);
  expect(world.server.rotations()).toBe(0);
  expect(world.clock.alarms()).toBeLessThanOrEqual(1);
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(world.server.rotations()).toBe(1);
});

test('what nobody keeps alive dies with its refresh token, also in a tab that was opened later', async () => {
  const world = createWorld({ extra: { refresh_expires_in: 1_800 } });
  const first = world.open({ keepAlive: 'demand' });
  await first.start(world.server.login());
  await world.clock.advance(600);
  const session = world.open({ keepAlive: 'demand' });
  await session.ready;
  first.dispose();
  await world.clock.advance(1_214);
  expect(world.server.sent).toEqual([]);
  world.server.fault = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
  await world.clock.advance(2);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
});

test('a session without a refresh token ends when its access token does', async () => {
  const world = createWorld();
  const session = world.open();
  const { refresh_token: _, ...response } = world.server.login();
  await session.start(response);
  await world.clock.advance(299);
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(world.server.sent).toEqual([]);
  await world.clock.advance(2);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
});

test('a token of unknown life is used until it is refused', async () => {
  const world = createWorld();
  const session = world.open();
  const { expires_in: _, ...response } = world.server.login();
  await session.start(response);
  expect(session.state).toEqual({ status: 'active', generation: 0 });
  await world.clock.advance(400);
  expect(world.server.sent).toEqual([]);
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(world.server.calls.map(({ status }) => status)).toEqual([401, 200]);
});

test('the state is one object until something changes, and each change is told', async () => {
  const { world, session } = await signedIn('always');
  const states: string[] = [];
  const undo = session.subscribe(() => states.push(session.state.status));
  const events: string[] = [];
  for (const type of ['started', 'rotated', 'stale', 'recovered', 'ended'] as const) {
    session.on(type, () => events.push(type));
  }
  session.on('rotated', () => {
    throw new Error('a listener of the app');
  });
  const before = session.state;
  await world.clock.advance(10);
  expect(session.state).toBe(before);
  await world.clock.advance(160);
  world.server.fault = () => new Response(null, { status: 503 });
  await world.clock.advance(300);
  world.server.fault = undefined;
  await world.clock.advance(300);
  await session.end();
  expect(events).toEqual(['rotated', 'stale', 'recovered', 'rotated', 'rotated', 'ended']);
  expect(states[0]).toBe('active');
  expect(states.at(-1)).toBe('ended');
  expect(world.logs.filter(({ event }) => event === 'reported').length).toBe(3);
  undo();
  undo();
});

test('dispose stops the tab, not the session', async () => {
  const { world, session } = await signedIn('always');
  session.dispose();
  await world.clock.advance(3_600);
  expect(world.server.rotations()).toBe(0);
  const next = world.open();
  await next.ready;
  expect((await next.fetch('/api/orders')).status).toBe(200);
});
