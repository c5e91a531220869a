/** One tab's session, from sign-in to sign-out. */
import { expect, test } from 'vitest';
import { createWorld, settle } from '../doubles/world.ts';

test('a session is kept for a day without one refusal', async () => {
  const world = createWorld();
  const session = world.open();
  await session.ready;
  expect(session.state).toEqual({ status: 'absent' });
  await session.start(world.server.login());
  expect(session.state).toMatchObject({ status: 'active', generation: 0 });
  for (let hour = 0; hour < 24; hour += 1) {
    await world.clock.advance(3_600_000);
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
  await world.clock.advance(3_600_000);
  const responses = await Promise.all(Array.from({ length: 100 }, () => session.fetch('/api/orders')));
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  expect(world.server.rotations()).toBe(1);
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
  await world.clock.advance(320_000);
  expect(session.state.status).toBe('stale');
  const calls = Promise.all(Array.from({ length: 5 }, () => session.fetch('/api/orders')));
  await world.clock.advance(20_000);
  world.server.fault = undefined;
  await world.clock.advance(39_000);
  expect((await calls).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(session.state.status).toBe('active');
  expect(world.server.reuses()).toBe(0);
});
