/** The machine that apps test with, in a page: as in vitest's browser mode. */
import { createWorld, settle, type World } from 'holdfast/testing';
import { expect, test } from 'vitest';

async function signedIn(): Promise<{ readonly world: World; readonly session: ReturnType<World['openTab']> }> {
  const world = createWorld();
  const session = world.openTab();
  await session.start(world.server.login('ada'));
  return { world, session };
}

test('in a page it is that page which the session belongs to', async () => {
  const { session, world } = await signedIn();
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect(world.server.calls).toMatchObject([{ url: new URL('/api/orders', location.origin).href, status: 200 }]);
});

test('in a page as well, all that waits for no clock has run when time has passed', async () => {
  const { session, world } = await signedIn();
  const other = world.openTab();
  for (let rotations = 1; rotations <= 20; rotations += 1) {
    await world.advance(rotations === 1 ? 162 : 222.75);
    expect(world.server.rotations()).toBe(rotations);
    for (const tab of [session, other]) expect(tab.state).toMatchObject({ status: 'active', generation: rotations });
  }
  await other.end();
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
});
