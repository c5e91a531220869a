/** A session of cookies that no script sees, with a real backend for the frontend and a real cookie jar. */
import { expect, onTestFinished, test } from 'vitest';
import { createSession, type Session } from '../../src/index.ts';
import { cookies } from '../../src/servers.ts';
import { openSite, pause } from './backend-site.ts';

test('three tabs call through many lifetimes: nothing is refused, no refresh comes twice, and the sign-out reaches the backend', async () => {
  const { history, login, origin, user } = await openSite('bff');
  const open = (): Session => {
    const server = cookies({ refreshUrl: `${origin}/bff/refresh`, logoutUrl: `${origin}/bff/logout`, defaultLife: 2 });
    const session = createSession({ name: user, server, resources: [`${origin}/api`] });
    onTestFinished(session.dispose);
    return session;
  };
  const first = open();
  await first.start(await login({ access: 2_000, refresh: 60_000 }));
  const tabs = [first, open(), open()];
  await Promise.all(tabs.map(({ ready }) => ready));
  expect(tabs.map(({ state }) => state.status)).toEqual(['active', 'active', 'active']);

  const seen = new Set<string>();
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    const responses = await Promise.all(tabs.map((tab) => tab.fetch(`${origin}/api/orders`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const response of responses) seen.add(((await response.json()) as { readonly cookie: string }).cookie);
    await pause(50);
  }
  await pause(5_000); // Idle, and kept all the same.
  expect(document.cookie).not.toContain('bff');
  const before = await history();
  expect(before).toMatchObject({ reuses: 0, refusals: 0 });
  expect(before['rotations']).toBeGreaterThanOrEqual(7);
  expect(seen.size).toBeGreaterThanOrEqual(5);

  await first.end();
  await expect.poll(() => tabs.map(({ state }) => state.status)).toEqual(['ended', 'ended', 'ended']);
  // Once more where a rotation was on its way: what it won is given back as well.
  await expect.poll(async () => (await history())['logouts']).toBeGreaterThanOrEqual(1);
  expect((await fetch(`${origin}/api/orders`, { credentials: 'include', headers: { 'x-csrf': '1' } })).status).toBe(
    401,
  );
}, 40_000);
