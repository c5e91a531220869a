/** The end of a session at FOLIO, where a refresh token that is presented twice ends all that its user has. */
import { expect, test } from 'vitest';
import { settle } from '../doubles/world.ts';
import { signedInAtFolio } from './folio-site.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const REFRESH = 'POST /authn/refresh';
const LOGOUT = 'POST /authn/logout';

test('all tabs that sign out at once with a dead access token refresh once and log out once', async () => {
  const site = await signedInAtFolio(3, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60);
  await Promise.all(site.tabs.map((tab) => tab.end()));
  await settle();
  expect(site.asked).toEqual(['GET /bl-users/_self', 'GET /users-keycloak/_self', REFRESH, LOGOUT]);
  expect(await site.history()).toMatchObject({ rotations: 1, logouts: 1, reuses: 0 });
  expect(site.cookiesFor('/authn/refresh')).toEqual(new Map());
});

test('the session is over for all tabs before its last refresh is sent', async () => {
  const site = await signedInAtFolio(2, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60);
  const ends: unknown[] = [];
  site.befall = async (question, answer) => {
    if (question === REFRESH) ends.push((await site.world.vault.read())?.ended);
    return answer();
  };
  await site.tabs[0]?.end();
  await settle();
  expect(ends).toEqual(['signed-out']);
});

test.each([
  ['that FOLIO answers after the logout', true],
  ['whose answer is lost, its cookies landed', false],
])("a sign-out with a dead access token during another tab's rotation %s leaves no session", async (_, isHeard) => {
  const site = await signedInAtFolio(3, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60);
  site.befall = async (question, answer) => {
    if (question !== REFRESH) return answer();
    const response = await answer();
    await site.later(3 * SECOND);
    return isHeard ? response : (site.land(response), new Promise(() => undefined));
  };
  void site.tabs[1]?.fetch(site.users).catch(() => undefined);
  await site.world.clock.advance(1);
  site.asked.length = 0;
  await site.tabs[0]?.end();
  await site.world.clock.advance(2 * 60);
  expect(site.asked).not.toContain(REFRESH);
  expect(site.asked.filter((asked) => asked === LOGOUT).length).toBeGreaterThanOrEqual(isHeard ? 1 : 2);
  expect(await site.history()).toMatchObject({ reuses: 0 });
  expect(await site.isSignedIn()).toBe(false);
});

test('cookies that land after the tab which asked for them is gone are signed out at the next start', async () => {
  const site = await signedInAtFolio(1);
  const [tab] = site.tabs;
  let answered: Response | undefined;
  site.befall = async (question, answer) => {
    if (question !== REFRESH) return answer();
    answered = await answer();
    return new Promise(() => undefined);
  };
  await site.world.clock.advance(9 * 60);
  await tab?.end();
  tab?.dispose();
  await settle();
  if (answered !== undefined) site.land(answered);
  expect(await site.isSignedIn()).toBe(true);
  await site.world.clock.advance(2 * 60);
  await site.open();
  await site.world.clock.advance(11);
  expect(await site.isSignedIn()).toBe(false);
  expect(site.cookiesFor('/authn/refresh').size).toBe(0);
  expect(await site.history()).toMatchObject({ reuses: 0 });
});

test('whoever signs in anew keeps the new cookies, whatever was in flight at the sign-out', async () => {
  const site = await signedInAtFolio(2, { keepAlive: 'demand' });
  const [tab, other] = site.tabs;
  site.befall = async (question, answer) => (question === REFRESH ? new Promise(() => undefined) : answer());
  void other?.rotate().catch(() => undefined);
  await settle();
  await tab?.end();
  await settle();
  site.befall = undefined;
  const login = await site.ask(`POST /login?user=ada&access=${10 * MINUTE}&refresh=${60 * MINUTE}`);
  await tab?.start(await login.json());
  await site.world.clock.advance(5 * 60);
  expect(await site.isSignedIn()).toBe(true);
  expect((await tab?.fetch(site.users))?.status).toBe(200);
});

test('whoever signs in while the logout still asks and refreshes keeps the new cookies', async () => {
  const site = await signedInAtFolio(1, { keepAlive: 'demand' });
  const [tab] = site.tabs;
  await site.world.clock.advance(11 * 60);
  site.befall = async (_, answer) => {
    const response = await answer();
    await site.later(SECOND); // Far away.
    return response;
  };
  await tab?.end();
  await site.world.clock.advance(1.5);
  const login = await site.ask(`POST /login?user=ada&access=${10 * MINUTE}&refresh=${60 * MINUTE}`);
  await tab?.start(await login.json());
  await site.world.clock.advance(60);
  expect(site.asked).not.toContain(LOGOUT);
  expect(await site.isSignedIn()).toBe(true);
});

test('a long job starts with the freshest cookies that can be had', async () => {
  const site = await signedInAtFolio(1, { keepAlive: 'demand' });
  await site.world.clock.advance(5 * 60);
  expect(await site.tabs[0]?.token({ minValidity: 86_400 })).toBe('');
  expect(await site.tabs[0]?.token({ minValidity: 86_400 })).toBe('');
  expect(site.asked).toEqual([REFRESH]);
});

test('a second sign-in in the same tab leaves its own cookies alone', async () => {
  const site = await signedInAtFolio(2, { keepAlive: 'demand' });
  await site.world.clock.advance(20 * 60);
  const login = await site.ask(`POST /login?user=ada&access=${10 * MINUTE}&refresh=${60 * MINUTE}`);
  await site.tabs[0]?.start(await login.json());
  await site.world.clock.advance(1);
  expect((await site.tabs[0]?.fetch(site.users))?.status).toBe(200);
  expect(site.asked).not.toContain(LOGOUT);
});

test('a session of fixed length is signed out 200 ms before its end, by one tab, while its cookies still travel', async () => {
  const site = await signedInAtFolio(3, { keepAlive: 'demand', refresh: 30 * MINUTE });
  await site.world.clock.advance(1799.799);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['stale', 'stale', 'stale']);
  await site.world.clock.advance(0.001);
  expect(site.tabs.map(({ state }) => state)).toEqual(
    Array.from({ length: 3 }, () => ({ status: 'ended', reason: 'expired' })),
  );
  expect(site.asked).toEqual([LOGOUT]);
});

test('Q: an idle session dies, in a tab that was reloaded as well', async () => {
  const site = await signedInAtFolio(1, { keepAlive: 'demand', refresh: 30 * MINUTE });
  await site.world.clock.advance(10 * 60);
  const again = await site.open();
  site.tabs[0]?.dispose();
  await site.world.clock.advance(21 * 60);
  expect(again.state).toEqual({ status: 'ended', reason: 'expired' });
  expect(await site.history()).toMatchObject({ rotations: 0, reuses: 0 });
});

test('R: an idle session is kept by the timer for as long as FOLIO lets it', async () => {
  const site = await signedInAtFolio(3, { refresh: 30 * MINUTE });
  await site.world.clock.advance(10 * 60 * 60);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['active', 'active', 'active']);
  expect(await site.history()).toMatchObject({ reuses: 0 });
});
