/** The traps that ended the sessions of FOLIO's own front ends, each by its number in the list of traps. */
import { expect, test } from 'vitest';
import { settle } from '../doubles/world.ts';
import { signedInAtFolio } from './folio-site.ts';

const SECOND = 1_000;
const REFRESH = 'POST /authn/refresh';

const statusOf = (response: Promise<Response>) =>
  response.then(
    ({ status }) => status,
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
const never = () => new Promise<never>(() => undefined);

test.each<[what: string, answer: () => Promise<Response>]>([
  ['offline', () => Promise.reject(new TypeError('offline'))],
  ['429', async () => new Response(null, { status: 429, headers: { 'retry-after': '30' } })],
  ['503', async () => new Response('<h1>down', { status: 503 })],
  ['a hung server', never],
])('1. is no logout: %s', async (what, answer) => {
  const site = await signedInAtFolio(3);
  site.befall = answer;
  site.isOnline = what !== 'offline';
  await site.world.clock.advance(30 * 60);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['stale', 'stale', 'stale']);
  site.befall = undefined;
  site.isOnline = true;
  await site.world.clock.advance(6 * 60);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['active', 'active', 'active']);
  expect(await statusOf(site.tabs[1]?.fetch(site.users) ?? never())).toBe(200);
  expect(await site.history()).toMatchObject({ reuses: 0, refusals: 0 });
});

test.each(['closes', 'hangs in its rotation'])('3. the leader tab %s: the others are kept', async (what) => {
  const site = await signedInAtFolio(3);
  const [leader, ...others] = site.tabs;
  let isFirst = what !== 'closes';
  site.befall = (question, answer) => {
    if (question !== REFRESH || !isFirst) return answer();
    isFirst = false;
    return never();
  };
  if (what === 'closes') leader?.dispose();
  const ends = [];
  for (let calls = 0; calls < 60; calls += 1) {
    ends.push(...others.map((tab) => statusOf(tab.fetch(site.users))));
    await site.world.clock.advance(60);
  }
  expect(new Set(await Promise.all(ends))).toEqual(new Set([200]));
  expect(await site.history()).toMatchObject({ reuses: 0, refusals: 0 });
});

test('4. a refresh that is 40 s in flight is not sent by another tab as well', async () => {
  const site = await signedInAtFolio(3);
  let isFirst = true;
  site.befall = async (question, answer) => {
    if (question !== REFRESH || !isFirst) return answer();
    isFirst = false;
    const response = await answer();
    await site.later(40 * SECOND);
    return response;
  };
  await site.world.clock.advance(5 * 60);
  const calls = site.tabs.map((tab) => tab.rotate().catch(() => undefined));
  await site.world.clock.advance(60);
  await Promise.all(calls);
  await site.world.clock.advance(30 * 60);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['active', 'active', 'active']);
  expect(await site.history()).toMatchObject({ reuses: 0 });
});

test.each([
  ['is refused', 'SessionEndedError', async () => new Response(null, { status: 422 })],
  ['never comes to an end', 'QueueTimeoutError', never],
  ['was wrong', 'RotationError', async () => new Response(null, { status: 404 })],
] as const)('7. requests that wait for a rotation settle when it %s', async (_, name, answer) => {
  const site = await signedInAtFolio(2, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60);
  site.befall = (question, go) => (question.includes('users') ? go() : answer());
  const calls = site.tabs.flatMap((tab) => [1, 2, 3].map(() => statusOf(tab.fetch(site.users))));
  await site.world.clock.advance(2 * 60);
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 6 }, () => name));
});

test('8. a long poll that is pending holds no rotation up', async () => {
  const site = await signedInAtFolio(2);
  site.befall = (question, answer) => (question === 'GET /poll' ? never() : answer());
  for (const tab of site.tabs) void tab.fetch('https://folio.example.edu/poll').catch(() => undefined);
  await site.world.clock.advance(60 * 60);
  expect(site.tabs.map(({ state }) => state.status)).toEqual(['active', 'active']);
  expect(await site.history()).toMatchObject({ reuses: 0 });
});

test('9. the AbortError of a cancelled request is no failed rotation', async () => {
  const site = await signedInAtFolio(1, { keepAlive: 'demand' });
  const [tab] = site.tabs;
  if (tab === undefined) throw new Error('There is no tab.');
  await site.world.clock.advance(11 * 60);
  site.befall = async (question, answer) => {
    if (question === REFRESH) await site.later(SECOND);
    return answer();
  };
  const controller = new AbortController();
  const cancelled = statusOf(tab.fetch(site.users, { signal: controller.signal }));
  const other = statusOf(tab.fetch(site.users));
  await settle();
  controller.abort();
  await site.world.clock.advance(2);
  expect([await cancelled, await other]).toEqual(['AbortError', 200]);
  expect(tab.state.status).toBe('active');
  expect(await site.history()).toMatchObject({ rotations: 1, reuses: 0 });
});

test('13. a Request keeps its method, its body and its headers', async () => {
  const site = await signedInAtFolio(1, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60); // Dead: it has to wait.
  const seen: string[] = [];
  site.befall = async (question, answer, request) => {
    const copy = request.clone();
    if (question.endsWith('/users')) seen.push(`${question} ${copy.headers.get('x-note')}: ${await copy.text()}`);
    return answer();
  };
  const request = new Request(site.users, { method: 'PUT', body: 'a note', headers: { 'x-note': '7' } });
  expect(await statusOf(site.tabs[0]?.fetch(request) ?? never())).toBe(200);
  expect(seen).toEqual(['PUT /users 7: a note']);
});

test('16. after a night asleep the first request costs one rotation, and nothing is refused', async () => {
  const site = await signedInAtFolio(3);
  await site.world.clock.sleep(8 * 60 * 60);
  const calls = site.tabs.map((tab) => statusOf(tab.fetch(site.users)));
  await site.world.comeBack();
  await site.world.clock.advance(2);
  expect(await Promise.all(calls)).toEqual([200, 200, 200]);
  expect(await site.history()).toMatchObject({ rotations: 1, reuses: 0, refusals: 0 });
});

test('18. StrictMode mounts twice: the second session of the page works at once', async () => {
  const site = await signedInAtFolio(1);
  site.tabs[0]?.dispose();
  const again = await site.open();
  expect(await statusOf(again.fetch(site.users))).toBe(200);
  await site.world.clock.advance(30 * 60);
  expect(await statusOf(again.fetch(site.users))).toBe(200);
  expect(await site.history()).toMatchObject({ reuses: 0, refusals: 0 });
});

test('20. who waits is told when the new state is stored, not before', async () => {
  const site = await signedInAtFolio(2, { keepAlive: 'demand' });
  await site.world.clock.advance(11 * 60);
  const stored: (number | undefined)[] = [];
  site.befall = async (question, answer) => {
    if (question === 'GET /users') stored.push((await site.world.vault.read())?.generation);
    return answer();
  };
  const calls = site.tabs.map((tab) => statusOf(tab.fetch(site.users)));
  await site.world.clock.advance(1);
  expect(await Promise.all(calls)).toEqual([200, 200]);
  expect(stored).toEqual([1, 1]);
});

test("a tenant of the caller's own stays, and all other calls carry the session's", async () => {
  const site = await signedInAtFolio(1);
  const tenants: (string | null)[] = [];
  site.befall = async (question, answer, request) => {
    tenants.push(request.headers.get('x-okapi-tenant'));
    return question === 'GET /users' ? Response.json({}) : answer();
  };
  const [tab] = site.tabs;
  await tab?.fetch(site.users);
  await tab?.fetch(site.users, { headers: { 'X-Okapi-Tenant': 'member' } });
  await tab?.fetch(site.users, { headers: new Headers({ 'X-Okapi-Tenant': 'member' }) });
  await tab?.fetch(new Request(site.users, { headers: { 'X-Okapi-Tenant': 'member' } }));
  await tab?.rotate();
  await tab?.end();
  await settle();
  expect(tenants).toEqual(['diku', 'member', 'member', 'member', 'diku', 'diku']);
});
