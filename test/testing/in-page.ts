/** What has to hold wherever apps are tested that have a page, real or not. */
import { createSession, oauth2 } from 'holdfast';
import { createWorld } from 'holdfast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

/** Tests it in the environment of the file that calls. */
export function testInPage(): void {
  test('a session of the app’s own module is made without complaint', async () => {
    const session = createSession({ server: oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }) });
    onTestFinished(session.dispose);
    await session.ready;
    expect(session.state).toEqual({ status: 'absent' });
  });

  test('the session belongs to the page that the test runs in', async () => {
    const world = createWorld();
    const session = world.openTab();
    await session.start(world.server.login());
    for (const url of [
      '/api/orders',
      new URL('/api/orders', location.href),
      new Request(`${location.origin}/api/orders`),
    ])
      expect((await session.fetch(url)).status).toBe(200);
    expect(new Set(world.server.calls.map(({ url }) => url))).toEqual(new Set([`${location.origin}/api/orders`]));
  });

  test('a request can be aborted by the page’s own controller', async () => {
    const world = createWorld({ api: () => new Promise(() => undefined) });
    const session = world.openTab();
    await session.start(world.server.login());
    const controller = new AbortController();
    const call = session.fetch('/api/orders', { signal: controller.signal });
    controller.abort(new Error('The user has left.'));
    await expect(call).rejects.toThrow('The user has left.');
  });

  test('a body is sent and an answer is read', async () => {
    const world = createWorld({ api: async (request) => Response.json({ was: await request.json() }) });
    const session = world.openTab();
    await session.start(world.server.login());
    const response = await session.fetch('/api/orders', { method: 'POST', body: JSON.stringify(['a book']) });
    expect(await response.json()).toEqual({ was: ['a book'] });
  });

  test('time passes under fake timers as well', async () => {
    vi.useFakeTimers();
    try {
      const world = createWorld();
      const session = world.openTab();
      await session.start(world.server.login());
      await world.advance(162);
      expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    } finally {
      vi.useRealTimers();
    }
  });
}
