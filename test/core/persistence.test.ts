/** Storage that fails, lies, and is deleted: what came of a claim gets there all the same. */
import { expect, test } from 'vitest';
import { memoryVault } from '../../src/core/memory-vault.ts';
import type { Vault } from '../../src/core/ports.ts';
import type { SessionRecord } from '../../src/core/record.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { createWorld } from '../doubles/world.ts';

/** A vault whose database can be deleted, and that can refuse writes before or after they were made. */
function troubledVault() {
  const trouble: { database: Vault; refuses: (record: SessionRecord) => 'before' | 'after' | undefined } = {
    database: memoryVault(),
    refuses: () => undefined,
  };
  const vault: Vault = {
    ...trouble.database,
    read: () => trouble.database.read(),
    update: async (change) => {
      let isRefused = false;
      const record = await trouble.database.update((stored) => {
        const next = change(stored);
        const refusal = next && trouble.refuses(next);
        if (refusal === 'before') throw new Error('QuotaExceededError');
        isRefused = refusal === 'after';
        return next;
      });
      if (isRefused) throw new Error('The connection was lost.');
      return record;
    },
  };
  return { trouble, vault };
}

test('a failure that storage refuses at first is stored when it takes it again', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login());
  world.server.fault = () => new Response('', { status: 503 });
  trouble.refuses = (record) => (record.failures === undefined ? undefined : 'before');
  const failing = session.rotate().catch((error: unknown) => error);
  await world.clock.advance(0.5);
  trouble.refuses = () => undefined;
  await world.clock.advance(2);
  expect(await failing).toMatchObject({ name: 'RotationError', status: 503 });
  expect(await vault.read()).toMatchObject({ attempt: { lost: true }, failures: { count: 1 } });
});

test('a request that the server did not take is no doubt to the other tabs, however long storage refuses to say so', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login());
  world.server.fault = () => new Response('', { status: 429 });
  trouble.refuses = (record) => (record.failures === undefined ? undefined : 'before');
  const failing = session.rotate().catch((error: unknown) => error);
  await world.clock.advance(10);
  expect(await failing).toMatchObject({ name: 'RotationError', status: 429 });
  expect((await vault.read())?.attempt).toBeDefined();
  trouble.refuses = () => undefined;
  await world.clock.advance(2);
  expect((await vault.read())?.attempt).toBeUndefined();
});

test('that a token was presented again is not forgotten when a stale tab puts back what was before', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const lostAnswer = { resends: 1 };
  const session = world.open({ keepAlive: 'demand', oauth2: { lostAnswer } }, { vault });
  await session.start(world.server.login());
  world.server.fault = () => new Response('', { status: 503 });
  await expect(session.rotate()).rejects.toMatchObject({ status: 503 });
  const before = await vault.read();
  world.server.fault = async () => {
    trouble.database = memoryVault();
    await vault.update(() => before);
    return new Response('', { status: 503 });
  };
  await world.clock.advance(10);
  await expect(session.rotate()).rejects.toMatchObject({ status: 503 });
  expect(await vault.read()).toMatchObject({ attempt: { lost: true, resends: 1 } });
});

test('a lost answer is not forgotten over the claim of a tab that did not know of it, and took it back', async () => {
  const { vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand', oauth2: { lostAnswer: 'end' } }, { vault });
  await session.start(world.server.login());
  world.server.fault = () => new Response('', { status: 503 });
  await expect(session.rotate()).rejects.toMatchObject({ status: 503 });
  world.server.fault = undefined;
  await world.clock.advance(10);
  const now = world.clock.now();
  const claim = { id: 'of another tab', sentAt: now, until: now, firstSentAt: now, resends: 0 };
  await vault.update((record) => record && { ...record, attempt: claim });
  await Promise.all([session.rotate().catch(() => undefined), world.clock.advance(1)]);
  await vault.update((record) => record && { ...record, attempt: undefined });
  await world.clock.advance(10);
  await Promise.all([session.rotate().catch(() => undefined), world.clock.advance(1)]);
  expect(world.server.sent).toHaveLength(1);
});

test('a sign-out that storage refuses keeps nobody waiting, and is written when storage takes it again', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login());
  trouble.refuses = () => 'before';
  await session.end();
  expect((await vault.read())?.ended).toBeUndefined();
  trouble.refuses = () => undefined;
  await world.clock.advance(2);
  expect(await vault.read()).toMatchObject({ ended: 'signed-out' });
  expect((await vault.read())?.sealed).toBeUndefined();
});

test('a claim that storage kept although it said no is taken back', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login());
  trouble.refuses = (record) => {
    trouble.refuses = () => undefined;
    return record.attempt === undefined ? undefined : 'after';
  };
  await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError' });
  expect((await vault.read())?.attempt).toBeUndefined();
  expect(world.server.sent).toEqual([]);
});

test('whoever puts the record back after the database was deleted asks the others for newer tokens first', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login());
  const stale = world.open({ keepAlive: 'demand' }, { vault, tabs: { ...world.tabs.join(), hear: () => () => {} } });
  await stale.ready;
  await Promise.all([session.rotate(), world.clock.advance(1)]);
  trouble.database = memoryVault();
  expect(stale.state).toMatchObject({ generation: 0 });
  await world.comeBack();
  await world.clock.advance(2);
  expect(stale.state).toMatchObject({ generation: 1 });
  expect(await vault.read()).toMatchObject({ generation: 1 });
});

test('a sign-in that had replaced another takes its place again when a stale tab puts the other back', async () => {
  const { trouble, vault } = troubledVault();
  const world = createWorld();
  const stale = world.open({ keepAlive: 'demand' }, { vault, tabs: deafTabs });
  await stale.start(world.server.login(), { user: 'ada' });
  const old = await vault.read();
  const session = world.open({ keepAlive: 'demand' }, { vault });
  await session.start(world.server.login(), { user: 'bob' });
  const before = await vault.read();
  trouble.database = memoryVault();
  await vault.update(() => old);
  await world.comeBack();
  await world.clock.advance(10);
  expect(session.state).toMatchObject({ status: 'active', user: 'bob' });
  expect(await vault.read()).toMatchObject({ epoch: before?.epoch, user: 'bob' });
});

test('a request that waits patiently while its token dies waits no longer than the queue allows in all', async () => {
  const world = createWorld({ life: 40 });
  const session = world.open({ patience: Infinity, queue: { timeout: 20 } });
  await session.start(world.server.login());
  world.server.hold = new Promise(() => {});
  await world.clock.advance(25);
  const call = session.fetch('/api/orders').then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.name : ''),
  );
  const end = Promise.race([call, world.clock.advance(21).then(() => 'still waiting')]);
  expect(await end).not.toBe('still waiting');
});
