import { expect, test, vi } from 'vitest';
import { memorySeal, memoryVault } from '../../src/core/memory-vault.ts';
import type { Change } from '../../src/core/ports.ts';
import { begun, type SessionRecord } from '../../src/core/record.ts';

const RECORD: SessionRecord = begun('one', { startedAt: 0, sentAt: 0, user: 'ada' });
const next: Change = (record) => record && { ...record, generation: record.generation + 1 };

test('what was stored last is read, and nothing at first', async () => {
  const vault = memoryVault();
  expect(await vault.read()).toBeUndefined();
  expect(await vault.update(next)).toBeUndefined();
  expect(await vault.update(() => RECORD)).toEqual(RECORD);
  expect(await vault.update(() => undefined)).toEqual(RECORD);
  expect(await vault.read()).toEqual(RECORD);
});

test('updates at the same moment lose none', async () => {
  const vault = memoryVault();
  await vault.update(() => RECORD);
  const generations = (await Promise.all(Array.from({ length: 50 }, () => vault.update(next)))).map(
    (record) => record?.generation,
  );
  expect(generations).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

test('a change never runs before the call returns', async () => {
  const change = vi.fn(() => RECORD);
  const update = memoryVault().update(change);
  expect(change).not.toHaveBeenCalled();
  await update;
  expect(change).toHaveBeenCalledTimes(1);
});

test('a change that throws changes nothing and rejects', async () => {
  const vault = memoryVault();
  await vault.update(() => RECORD);
  const failure = new Error('from the change');
  const attempt = vault.update(() => {
    throw failure;
  });
  await expect(attempt).rejects.toBe(failure);
  expect(await vault.read()).toEqual(RECORD);
});

test('nobody can alter what is stored, however deep', async () => {
  const vault = memoryVault();
  const sealed = { iv: new Uint8Array([1, 2, 3]), parts: ['a'] };
  const stored = await vault.update(() => ({ ...RECORD, sealed, failures: { count: 1, recent: [1], retryAt: 2 } }));
  expect(() => Object.assign(stored ?? {}, { generation: 9 })).toThrow(TypeError);
  expect(() => Object.assign(stored?.failures?.recent ?? [], { 0: 9 })).toThrow(TypeError);
  expect(() => sealed.parts.push('b')).toThrow(TypeError);
  expect(await vault.read()).toMatchObject({ generation: 0, failures: { recent: [1] }, sealed: { parts: ['a'] } });
});

test('an epoch that was signed out stays known, others are not', () => {
  const { bury, isBuried } = memoryVault();
  bury('one');
  bury('two');
  expect(['one', 'two', 'three'].map(isBuried)).toEqual([true, true, false]);
});

test('what was sealed is opened in the same context, and in no other', async () => {
  const { seal, open } = memorySeal();
  const sealed = await seal('secret', 'one/1');
  expect(await open(sealed, 'one/1')).toBe('secret');
  await expect(open(sealed, 'one/2')).rejects.toThrow('another context');
});

test('a seal says nothing to whoever copies, stores or posts it', async () => {
  const { seal, open } = memorySeal();
  const sealed = await seal('secret', 'one');
  expect(JSON.stringify([sealed, Object.getOwnPropertyNames(sealed)])).not.toContain('secret');
  for (const other of [
    structuredClone(sealed),
    {},
    null,
    undefined,
    'secret',
    await memorySeal().seal('secret', 'one'),
  ]) {
    await expect(open(other, 'one')).rejects.toThrow('not sealed here');
  }
});
