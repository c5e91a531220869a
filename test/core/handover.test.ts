/** Tokens that go from tab to tab: with storage that never has them, and with storage that refused them. */
import { expect, test } from 'vitest';
import { memorySeal, memoryVault } from '../../src/core/memory-vault.ts';
import type { Seal, Vault } from '../../src/core/ports.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { createWorld, settle } from '../doubles/world.ts';

const MEMORY = { storage: 'memory' } as const;

/** A machine whose tabs keep tokens in memory only. */
async function inMemory() {
  const world = createWorld();
  const open = (ports = {}) => world.open(MEMORY, ports);
  const session = open();
  await session.start(world.server.login());
  return { world, session, open };
}

test('with storage: memory a new tab is signed in by a living one', async () => {
  const { open, world } = await inMemory();
  const other = open();
  await other.ready;
  expect(other.state).toMatchObject({ status: 'active', generation: 0 });
  expect((await other.fetch('/api/orders')).status).toBe(200);
  expect(JSON.stringify(await world.vault.read())).not.toMatch(/access-|refresh-/);
});

test('with storage: memory each rotation reaches all tabs', async () => {
  const { open, session, world } = await inMemory();
  const others = [open(), open(), open()];
  await Promise.all(others.map(({ ready }) => ready));
  await world.clock.advance(3_600);
  expect(world.server.rotations()).toBe(16);
  expect(world.server.reuses()).toBe(0);
  for (const tab of [session, ...others]) expect(tab.state).toMatchObject({ status: 'active', generation: 16 });
});

test('with storage: memory the session ends with the last tab', async () => {
  const { open, session, world } = await inMemory();
  session.dispose();
  const next = open();
  await world.clock.advance(1);
  await next.ready;
  expect(next.state).toEqual({ status: 'absent' });
});

test('with storage: memory a tab whose successor tokens nobody holds any more ends, but not at once', async () => {
  const { open, session, world } = await inMemory();
  const other = open();
  await other.ready;
  // The first tab wins generation 1 and dies before anybody could ask for it.
  session.dispose();
  await world.vault.update((record) => record && { ...record, generation: 1 });
  await world.clock.advance(265);
  expect(other.state).toMatchObject({ status: 'active', generation: 0 });
  await world.clock.advance(20);
  expect(other.state).toMatchObject({ status: 'stale', generation: 0 });
  await world.clock.advance(100);
  expect(other.state).toEqual({ status: 'ended', reason: 'interrupted' });
  expect(world.server.reuses()).toBe(0);
});

test('with storage: memory a sign-out revokes what only another tab holds', async () => {
  const { open, session, world } = await inMemory();
  const stale = open({ tabs: { ...world.tabs.join(), hear: () => () => {} } });
  await stale.ready;
  await Promise.all([session.rotate(), world.clock.advance(1)]);
  expect(stale.state).toMatchObject({ generation: 0 });
  await stale.end();
  await settle();
  expect(world.server.revoked).toEqual(['refresh-2']);
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
});

/** Refuses all that would store a new generation. */
function fullDisk(vault: Vault): Vault {
  return {
    ...vault,
    update: (change) =>
      vault.update((stored) => {
        const next = change(stored);
        if (next !== undefined && next.generation > (stored?.generation ?? 0)) throw new Error('QuotaExceededError');
        return next;
      }),
  };
}

test('tokens that storage refuses are handed to the other tabs, which do not present the spent one', async () => {
  const world = createWorld();
  const session = world.open({}, { vault: fullDisk(world.vault) });
  await session.start(world.server.login());
  const other = world.open({}, { vault: fullDisk(world.vault) });
  await other.ready;
  await world.clock.advance(170);
  expect(session.state).toMatchObject({ status: 'active', generation: 1 });
  expect(other.state).toMatchObject({ status: 'active', generation: 1 });
  expect(await world.vault.read()).toMatchObject({ generation: 0 });
  expect(world.server.reuses()).toBe(0);
});

test('a tab in doubt asks the others before it presents a token again, also without Web Locks', async () => {
  const world = createWorld();
  const lock = {
    isExclusive: false,
    hold: async (task: (lost: AbortSignal) => Promise<void>) => {
      await task(new AbortController().signal);
      return 'held' as const;
    },
  };
  const session = world.open({}, { vault: fullDisk(world.vault), lock });
  await session.start(world.server.login());
  const other = world.open({ keepAlive: 'demand' }, { vault: fullDisk(world.vault), lock });
  await other.ready;
  await world.clock.advance(400);
  const call = other.fetch('/api/orders');
  await world.clock.advance(30);
  expect((await call).status).toBe(200);
  expect(world.server.reuses()).toBe(0);
});

test('an answer that is none leaves everything as it was', async () => {
  const vault = memoryVault();
  const world = createWorld();
  const session = world.open(MEMORY, { vault });
  await session.start(world.server.login());
  for (const answer of [
    '',
    '{}',
    'null',
    '{"record":{}}',
    '{"record":{"schema":9}}',
    '{"record":null,"tokens":"{}"}',
  ]) {
    const other = world.open(MEMORY, { vault, tabs: { ...deafTabs, ask: async () => answer } });
    await other.ready;
    expect(other.state).toEqual({ status: 'absent' });
  }
});

test('with storage: memory a tab that is disposed in mid-rotation answers until the others have what it won', async () => {
  const { open, session, world } = await inMemory();
  const other = open();
  await other.ready;
  let answer = () => {};
  world.server.hold = new Promise((resolve) => {
    answer = resolve;
  });
  const rotating = session.rotate();
  await settle();
  session.dispose();
  answer();
  await Promise.all([rotating, world.clock.advance(2)]);
  expect(other.state).toMatchObject({ status: 'active', generation: 1 });
});

test('with storage: memory, when somebody else signs in here, the tokens of the one before are revoked', async () => {
  const { session, world } = await inMemory();
  await session.start(world.server.login(), { user: 'bob' });
  await settle();
  expect(world.server.revoked).toEqual(['refresh-1']);
});

test('with storage: memory a tab that is still asking when somebody signs out is not signed in', async () => {
  const { open, session, world } = await inMemory();
  const joined = world.tabs.join();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asking = open({
    tabs: {
      ...joined,
      ask: async (wanted: Parameters<typeof joined.ask>[0]) => {
        const text = await joined.ask(wanted);
        await held;
        return text;
      },
    },
  });
  for (let turn = 0; turn < 3; turn += 1) await settle();
  await session.end();
  release();
  await Promise.all([asking.ready, world.clock.advance(2)]);
  expect(asking.state).toEqual({ status: 'absent' });
});

test('with storage: memory a sign-out in a tab that got no answer ends the session all the same', async () => {
  const { open, session, world } = await inMemory();
  const other = open({ tabs: { ...world.tabs.join(), ask: async () => undefined } });
  await other.ready;
  expect(other.state).toEqual({ status: 'absent' });
  await other.end();
  await settle();
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
  expect(await world.vault.read()).toMatchObject({ ended: 'signed-out' });
});

test('a sign-out in a tab without a session does not hit somebody who signed in elsewhere since', async () => {
  const { open, session, world } = await inMemory();
  await session.end();
  const other = open();
  await other.ready;
  await session.start(world.server.login());
  await other.end();
  await settle();
  expect(session.state).toMatchObject({ status: 'active' });
});

test('tokens sealed with a key that is gone, as when the database is deleted during a commit, come from the tab that holds them', async () => {
  const world = createWorld();
  const { open, seal } = memorySeal();
  const writer = world.open({}, { seal: { open, seal } });
  await writer.start(world.server.login());
  let isKeyGone = false;
  const lost = {
    seal,
    open: (...given: Parameters<Seal['open']>) =>
      isKeyGone ? Promise.reject(new Error('Sealed with another key.')) : open(...given),
  };
  const other = world.open({}, { seal: lost });
  await other.ready;
  expect(other.state).toMatchObject({ status: 'active', generation: 0 });
  isKeyGone = true;
  await writer.rotate();
  await settle();
  await settle();
  expect(other.state).toMatchObject({ status: 'active', generation: 1 });
  const next = world.open({}, { seal: lost });
  await next.ready;
  expect(next.state).toMatchObject({ status: 'active', generation: 1 });
});
