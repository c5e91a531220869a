/** Sessions at a FOLIO with a real cookie jar: one-use refresh tokens, and a second use ends all that the user has. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSession, type Session, type SessionOptions } from '../../src/index.ts';
import { folio } from '../../src/servers.ts';
import { openSite, pause, type Site } from './backend-site.ts';
import { openPage } from './frame.ts';

const SHORT = { access: 3_000, refresh: 60_000 };

function openTab({ origin, user }: Site, options: Partial<SessionOptions> = {}, create = createSession): Session {
  const server = folio({ url: origin, tenant: 'diku' });
  const session = create({ name: user, server, resources: [origin], ...options });
  onTestFinished(session.dispose);
  return session;
}

async function openTabs(site: Site, options: Partial<SessionOptions> = {}, form = 'okapi', lives = SHORT) {
  const first = openTab(site, options);
  await first.start(await site.login(lives, form));
  const tabs = [first, openTab(site, options), openTab(site, options)];
  await Promise.all(tabs.map(({ ready }) => ready));
  return { first, tabs, call: () => Promise.all(tabs.map((tab) => tab.fetch(`${site.origin}/users`))) };
}

test.each([
  ['R: kept by the timer, with Okapi', 'always', 'okapi', 6],
  ['Q: kept on demand, with Eureka', 'demand', 'eureka', 4],
] as const)(
  '%s: three tabs, no call refused, no cookie used twice, none to be seen',
  async (_, keepAlive, form, least) => {
    const site = await openSite('folio');
    const { call, tabs } = await openTabs(site, { keepAlive }, form);
    for (const until = Date.now() + 12_000; Date.now() < until; await pause(50))
      expect((await call()).map(({ status }) => status)).toEqual([200, 200, 200]);
    await pause(5_000);
    expect(tabs.map(({ state }) => state.status)).toEqual(Array(3).fill(keepAlive === 'always' ? 'active' : 'stale'));
    expect((await call()).map(({ status }) => status)).toEqual([200, 200, 200]);
    const history = await site.history();
    expect(history).toMatchObject({ reuses: 0, refusals: 0 });
    expect(history['rotations']).toBeGreaterThanOrEqual(least);
    expect(document.cookie).not.toContain('folio');
  },
  40_000,
);

test('a reload, whose _self tells no expirations, goes on from what was stored', async () => {
  const site = await openSite('folio');
  const { tabs } = await openTabs(site);
  for (const tab of tabs) tab.dispose();
  const again = openTab(site);
  await again.ready;
  expect(again.state.status).toBe('active');
  expect((await again.fetch(`${site.origin}/bl-users/_self`)).status).toBe(200);
  await pause(4_000);
  expect((await again.fetch(`${site.origin}/users`)).status).toBe(200);
  expect(await site.history()).toMatchObject({ reuses: 0, refusals: 0 });
}, 30_000);

test.each([
  ['whose cookies landed', 'lost'],
  ['that never arrived', 'unsent'],
])(
  'a rotation %s is asked after, and no cookie is used twice',
  async (_, kind) => {
    const site = await openSite('folio');
    const { call, first } = await openTabs(site);
    await site.post(`/trouble?user=${site.user}&kind=${kind}`);
    const before = (await site.history())['rotations'] ?? 0;
    await expect.poll(async () => first.inspect().attempt, { timeout: 5_000, interval: 20 }).toBeDefined();
    await pause(6_000);
    expect((await call()).map(({ status }) => status)).toEqual([200, 200, 200]);
    const history = await site.history();
    expect(history).toMatchObject({ reuses: 0 });
    expect(history['rotations']).toBeGreaterThanOrEqual(before + 1);
  },
  30_000,
);

test('a sign-out with a dead access token refreshes first, so that FOLIO takes it, and is heard in all tabs', async () => {
  const site = await openSite('folio');
  const { first, tabs } = await openTabs(site, { keepAlive: 'demand' });
  await pause(3_500);
  expect(first.state.status).toBe('stale');
  await first.end();
  await expect.poll(() => tabs.map(({ state }) => state.status)).toEqual(['ended', 'ended', 'ended']);
  await expect.poll(async () => (await site.history())['logouts']).toBe(1);
  expect(await site.history()).toMatchObject({ rotations: 1, reuses: 0 });
  const after = await fetch(`${site.origin}/users`, { credentials: 'include' });
  expect(await after.text()).toMatch(/^Token missing/);
}, 30_000);

test("a sign-out during another tab's rotation presents no cookie twice, and the cookies that land after it are gone again", async () => {
  const site = await openSite('folio');
  const { first, tabs } = await openTabs(site, { keepAlive: 'demand' }, 'okapi', { access: 6_000, refresh: 60_000 });
  await pause(6_500);
  await site.post(`/trouble?user=${site.user}&kind=slow`);
  const call = tabs[1]?.fetch(`${site.origin}/users`).catch(({ name }: Error) => name);
  await expect.poll(async () => (await site.history())['rotations']).toBe(1);
  await first.end();
  expect(await call).toBe('SessionEndedError');
  await expect.poll(async () => (await site.history())['logouts'], { timeout: 6_000 }).toBe(1);
  expect(await site.history()).toMatchObject({ rotations: 1, reuses: 0 });
  const after = await fetch(`${site.origin}/users`, { credentials: 'include' });
  expect(await after.text()).toMatch(/^Token missing/);
}, 30_000);

test('cookies that land after the sign-out, and after their tab is gone, are signed out at the next start', async () => {
  const site = await openSite('folio');
  const { first, tabs } = await openTabs(site, { keepAlive: 'demand' }, 'okapi', { access: 200_000, refresh: 400_000 });
  const page = await openPage<{ readonly createSession: typeof createSession }>('../../src/index.ts');
  const gone = openTab(site, { keepAlive: 'demand' }, page.module.createSession);
  await gone.ready;
  await site.post(`/trouble?user=${site.user}&kind=slow`);
  void gone.rotate().catch(() => undefined);
  await expect.poll(async () => (await site.history())['rotations']).toBe(1);
  await first.end();
  page.close();
  for (const tab of tabs) tab.dispose();
  const headers = { 'x-okapi-tenant': 'diku' };
  const call = async () => (await fetch(`${site.origin}/users`, { credentials: 'include', headers })).status;
  await expect.poll(call, { timeout: 2_000 }).toBe(400);
  await expect.poll(call, { timeout: 5_000 }).toBe(200);
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 120_000);
  onTestFinished(() => void vi.restoreAllMocks());
  await openTab(site).ready;
  await expect.poll(call, { timeout: 20_000, interval: 500 }).toBe(400);
  expect(await site.history()).toMatchObject({ rotations: 1, logouts: 2, reuses: 0 });
}, 40_000);

test('a session of fixed length is signed out at FOLIO by one tab, just before its cookies end', async () => {
  const site = await openSite('folio');
  const { tabs } = await openTabs(site, { keepAlive: 'demand' }, 'okapi', { access: 10_000, refresh: 3_000 });
  await expect
    .poll(() => tabs.map(({ state }) => state.status), { timeout: 5_000 })
    .toEqual(['ended', 'ended', 'ended']);
  await expect.poll(async () => (await site.history())['logouts']).toBe(1);
  await pause(500);
  expect(await site.history()).toMatchObject({ logouts: 1, rotations: 0, reuses: 0 });
}, 20_000);

test('cookies that FOLIO knows no more end the session in all tabs', async () => {
  const site = await openSite('folio');
  const { tabs } = await openTabs(site);
  await site.post(`/revoke?user=${site.user}`);
  await expect(tabs[1]?.fetch(`${site.origin}/users`)).rejects.toMatchObject({ name: 'SessionEndedError' });
  await expect
    .poll(() => tabs.map(({ state }) => state), { timeout: 10_000 })
    .toEqual(tabs.map(() => ({ status: 'ended', reason: 'rejected' })));
}, 20_000);
