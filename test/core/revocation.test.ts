/** What a token server is told when a session is over, and by whom. */
import { expect, test } from 'vitest';
import { signedInWithCookies } from '../doubles/cookie-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const MINUTE = 60_000;

test('a sign-out while nothing rotates may present the refresh token once more', async () => {
  const { session, told } = await signedInWithCookies({ life: MINUTE });
  await session.end();
  await settle();
  expect(told).toEqual([{ at: 0, isSpent: false }]);
});

test("a sign-out during another tab's rotation says so, and what that wins is revoked as well", async () => {
  const { answer, openTab, session, told } = await signedInWithCookies({ life: MINUTE });
  const other = await openTab();
  const rotation = other.rotate().catch(() => undefined);
  await settle();
  await session.end();
  await settle();
  expect(told).toEqual([{ at: 0, isSpent: true }]);
  await answer();
  await rotation;
  await settle();
  expect(told).toHaveLength(2);
});

test('a sign-out after a rotation whose answer was lost presents nothing', async () => {
  const { clock, openTab, session, told } = await signedInWithCookies({ life: 10 * MINUTE });
  const other = await openTab();
  void other.rotate().catch(() => undefined);
  await clock.advance(2 * 60);
  expect(other.inspect().attempt).toBeDefined();
  await session.end();
  await settle();
  expect(told.at(0)).toMatchObject({ isSpent: true });
});

test('where storage refuses to say whether a rotation is in flight, nothing is presented', async () => {
  const { openTab, told, vault } = await signedInWithCookies({ life: MINUTE });
  const update = () => Promise.reject(new Error('storage failed'));
  const other = await openTab({ vault: { ...vault, update } });
  await other.end();
  await settle();
  expect(told).toEqual([{ at: 0, isSpent: true }]);
});

test('of two tabs that sign out at once one tells a server of cookies: the other might present them a second time', async () => {
  const { openTab, session, told } = await signedInWithCookies({ life: MINUTE });
  const other = await openTab();
  await Promise.all([session.end(), other.end()]);
  await settle();
  expect(told).toHaveLength(1);
});

test('cookies may outlive a session that was interrupted: a tab that has not heard of that and signs out gives them back', async () => {
  const { openTab, session, told, vault } = await signedInWithCookies({ life: MINUTE });
  const other = await openTab();
  await vault.update((record) => record && { ...record, ended: 'interrupted' });
  await other.end();
  await settle();
  expect(told).toMatchObject([{ isSpent: true }]);
  session.dispose();
});

test('cookies that took the place of others are not signed out with those', async () => {
  const { openTab, session, told } = await signedInWithCookies({ life: MINUTE });
  const other = await openTab();
  await other.start({}, { user: 'ada' });
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'replaced' });
  await session.end();
  await settle();
  expect(told).toEqual([]);
});

test('cookies of a sign-in that storage refused gave way to those of the next: nobody gives them back', async () => {
  const { clock, openTab, session, told, vault } = await signedInWithCookies({ life: 10 * MINUTE });
  let isFull = true;
  const update: typeof vault.update = (change) =>
    isFull ? Promise.reject(new Error('storage failed')) : vault.update(change);
  const other = await openTab({ vault: { ...vault, update } });
  await other.start({}, { user: 'ada' });
  await clock.advance(0.001);
  await session.start({}, { user: 'bob' });
  isFull = false;
  await clock.advance(60);
  expect(other.state).toEqual({ status: 'ended', reason: 'replaced' });
  expect(told).toEqual([]);
});

test('cookies that land after the same person signed in anew serve the new session', async () => {
  const { answer, openTab, session, told } = await signedInWithCookies({ life: MINUTE });
  await session.start({}, { user: 'ada' });
  const other = await openTab();
  const rotation = other.rotate().catch(() => undefined);
  await settle();
  await session.end();
  await session.start({}, { user: 'ada' });
  await settle();
  told.length = 0;
  await answer();
  await rotation;
  await settle();
  expect(told).toEqual([]);
  expect(session.state).toMatchObject({ status: 'active', generation: 0 });
});

test.each([
  ['cookies are given back when the session has reached its end, by one of three tabs', true, 1],
  ['tokens that have ended by themselves need no revocation', false, 0],
])('%s', async (_, keepalive, times) => {
  const { clock, openTab, session, told } = await signedInWithCookies({ life: MINUTE, endsIn: 10 * MINUTE }, keepalive);
  const others = [await openTab(), await openTab()];
  await clock.advance(11 * 60);
  expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
  for (const other of others) expect(other.state).toEqual({ status: 'ended', reason: 'expired' });
  expect(told).toEqual(Array.from({ length: times }, () => ({ at: 10 * MINUTE, isSpent: true })));
});

test("nothing is repeated where no cookie can land: the tokens are the tab's own", async () => {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  world.server.hold = new Promise(() => undefined);
  void session.rotate().catch(() => undefined);
  await settle();
  await session.end();
  await settle();
  expect((await world.vault.read())?.logoutPending).toBeUndefined();
});
