/** The ends of a session that come by themselves: a clock that lies is no end. */
import { expect, test } from 'vitest';
import { createWorld, settle } from '../doubles/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A session whose refresh token ends by itself after so many seconds. */
async function signedIn(seconds: number) {
  const world = createWorld({ extra: { refresh_expires_in: seconds } });
  const session = world.open({ keepAlive: 'demand' });
  await session.start(world.server.login());
  return { world, session };
}

test('a wall clock that is set ahead past the end costs a rotation, not the session', async () => {
  const { session, world } = await signedIn(1_800);
  world.clock.set(world.clock.now() + 60 * MINUTE);
  await world.clock.advance(2 * 60);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
  expect(world.server.rotations()).toBe(1);
});

test('after a sleep past the end the server is asked, and its refusal is the end', async () => {
  const { session, world } = await signedIn(1_800);
  world.server.fault = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
  await world.clock.sleep(60 * 60);
  await world.comeBack();
  await world.clock.advance(2 * 60);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
});

test('an end that this tab itself has waited for needs no asking', async () => {
  const { session, world } = await signedIn(1_800);
  world.network.isOnline = false;
  await world.clock.advance(31 * 60);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
  expect(world.server.rotations()).toBe(0);
});

test('a server that goes on past the end it had named is not asked for ever', async () => {
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' });
  await session.start({ ...world.server.login(), refresh_expires_in: 1_800 });
  world.clock.set(world.clock.now() + 60 * MINUTE);
  await world.clock.advance(10 * 60);
  await settle();
  expect(world.server.rotations()).toBe(1);
  expect(session.state).toMatchObject({ generation: 1, endsAt: undefined });
});

test('a session without a refresh token ends by either clock: there is nothing to ask with', async () => {
  const world = createWorld();
  const session = world.open();
  const { refresh_token: _, ...response } = world.server.login();
  await session.start(response);
  await world.clock.sleep(60 * 60);
  await world.comeBack();
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
});
