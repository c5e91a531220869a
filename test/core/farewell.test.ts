/** The logout that is repeated, because a rotation in flight may have set cookies after the first. */
import { expect, test } from 'vitest';
import { memorySeal } from '../../src/core/memory-vault.ts';
import { signedInWithCookies } from '../doubles/cookie-server.ts';
import { settle } from '../doubles/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Signed out while a rotation is in flight that no answer ever comes to. */
async function signedOut(tabs = 1) {
  const world = await signedInWithCookies({ life: 10 * MINUTE });
  const others = [];
  while (others.length < tabs - 1) others.push(await world.openTab());
  void world.session.rotate().catch(() => undefined);
  await settle();
  await world.session.end();
  await settle();
  expect(world.told).toEqual([{ at: 0, isSpent: true }]);
  return { ...world, others };
}

test('is repeated once by one of three tabs, when the rotation has surely settled, and presents nothing', async () => {
  const { clock, told, vault } = await signedOut(3);
  await clock.advance(64);
  expect(told).toHaveLength(1);
  await clock.advance(10 * 60);
  expect(told).toEqual([
    { at: 0, isSpent: true },
    { at: 65 * SECOND, isSpent: true },
  ]);
  expect((await vault.read())?.logoutPending).toBeUndefined();
});

test('is repeated by the tab that is left', async () => {
  const { clock, others, session, told } = await signedOut(2);
  session.dispose();
  await clock.advance(2 * 60);
  expect(others[0]?.state).toEqual({ status: 'ended', reason: 'signed-out' });
  expect(told).toHaveLength(2);
});

test('is repeated at the next start, after whoever signs in as the page opens, and once', async () => {
  const { clock, openTab, session, told } = await signedOut();
  session.dispose();
  await clock.advance(60 * 60);
  expect(told).toHaveLength(1);
  const next = await openTab();
  expect(next.state).toEqual({ status: 'absent' });
  await clock.advance(9);
  expect(told).toHaveLength(1);
  await clock.advance(2);
  expect(told).toHaveLength(2);
  await openTab();
  await clock.advance(60);
  expect(told).toHaveLength(2);
});

test.each([
  ['the same tab', 0],
  ['another tab', 1],
])('is dropped when somebody has signed in, in %s: the cookies are theirs', async (_, which) => {
  const { clock, others, session, told } = await signedOut(2);
  await [session, others[0]][which]?.start({}, { user: 'bob' });
  await clock.advance(5 * 60);
  expect(told).toHaveLength(1);
});

test('is dropped when somebody is just signing in', async () => {
  const { clock, openTab, session, told } = await signedOut();
  session.dispose();
  const seal = { ...memorySeal(), seal: () => new Promise<never>(() => undefined) };
  const next = await openTab({ seal });
  void next.start({});
  await clock.advance(5 * 60);
  expect(told).toHaveLength(1);
});

test.each(['offline', 'storage'])(
  'waits for the return of the page when it could not be repeated: %s',
  async (what) => {
    const { clock, comeBack, openTab, session, network, told, vault } = await signedOut();
    session.dispose();
    let isRefused = what === 'storage';
    network.isOnline = what !== 'offline';
    const update: typeof vault.update = (change) =>
      isRefused ? Promise.reject(new Error('storage failed')) : vault.update(change);
    await openTab({ vault: { ...vault, update } });
    await clock.advance(5 * 60);
    expect(told).toHaveLength(1);
    isRefused = false;
    network.isOnline = true;
    await comeBack();
    await clock.advance(11);
    expect(told).toHaveLength(2);
  },
);

test('is not put off for ever by a clock that was set back', async () => {
  const { clock, openTab, session, told } = await signedOut();
  session.dispose();
  clock.set(clock.now() - 60 * MINUTE);
  await openTab();
  await clock.advance(66);
  expect(told).toHaveLength(2);
});

test('is no reason to put anything into the record of a server without a logout', async () => {
  const { session, vault } = await signedInWithCookies({ life: 10 * MINUTE }, false);
  void session.rotate().catch(() => undefined);
  await settle();
  await session.end();
  expect(await vault.read()).toMatchObject({ ended: 'signed-out', logoutPending: undefined });
});
