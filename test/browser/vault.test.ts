import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDatabase, type Database } from '../../src/browser/database.ts';
import { indexedDbVault } from '../../src/browser/vault.ts';
import type { Vault } from '../../src/core/ports.ts';
import type { SessionRecord } from '../../src/core/record.ts';
import { openPage } from './frame.ts';
import { stoppedClock } from './stopped-clock.ts';

type VaultModule = typeof import('../../src/browser/vault.ts');
const RECORD: SessionRecord = { schema: 1, epoch: 'one', startedAt: 0, generation: 3, sentAt: 0 };

let name: string;
let database: Database;

const setUp = (): Vault => indexedDbVault({ name, shelf: database.shelf('record', 'the session') });
const plant = (value: unknown): Promise<unknown> => database.shelf('record', 'it').update(() => value);

beforeEach(() => {
  name = `vault ${crypto.randomUUID()}`;
  database = indexedDatabase({ name, clock: stoppedClock() });
});
afterEach(async () => {
  vi.restoreAllMocks();
  database.dispose();
  await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
});

describe('the record', () => {
  test('is absent at first, and then what was stored last', async () => {
    const vault = setUp();
    expect(await vault.read()).toBeUndefined();
    expect(await vault.update(() => undefined)).toBeUndefined();
    expect(await vault.update(() => RECORD)).toEqual(RECORD);
    expect(await setUp().read()).toEqual(RECORD);
  });

  test('is only changed by whoever saw its last generation', async () => {
    const next = (record: SessionRecord | undefined): SessionRecord | undefined =>
      record?.generation === 3 ? { ...record, generation: 4 } : undefined;
    const vault = setUp();
    await vault.update(() => RECORD);
    const changes = [vi.fn(next), vi.fn(next), vi.fn(next)];
    const results = await Promise.all(changes.map((change) => vault.update(change)));
    expect(results.map((record) => record?.generation)).toEqual([4, 4, 4]);
    expect(changes.filter((change) => change.mock.results[0]?.value !== undefined)).toHaveLength(1);
  });

  const corrupt: readonly [string, unknown][] = [
    ['null', null],
    ['a string', JSON.stringify(RECORD)],
    ['a number', 1],
    ['an array', [RECORD]],
    ['a map', new Map(Object.entries(RECORD))],
    ['nothing but braces', {}],
    ['without schema', { ...RECORD, schema: undefined }],
    ['of schema 0', { ...RECORD, schema: 0 }],
    ['of a schema in words', { ...RECORD, schema: '1' }],
    ['without epoch', { ...RECORD, epoch: undefined }],
    ['of an empty epoch', { ...RECORD, epoch: '' }],
    ['of an epoch that is no text', { ...RECORD, epoch: 7 }],
    ['without generation', { ...RECORD, generation: undefined }],
    ['of generation -1', { ...RECORD, generation: -1 }],
    ['of generation 1.5', { ...RECORD, generation: 1.5 }],
    ['of generation NaN', { ...RECORD, generation: Number.NaN }],
    ['of a generation in words', { ...RECORD, generation: '3' }],
  ];

  test.each(corrupt)('that is corrupt (%s) counts as absent, and can be written over', async (_, value) => {
    await plant(value);
    const vault = setUp();
    expect(await vault.read()).toBeUndefined();
    const change = vi.fn(() => RECORD);
    expect(await vault.update(change)).toEqual(RECORD);
    expect(change).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  test('of whatever kind never makes reading fail, unless it is of a later schema', async () => {
    const vault = setUp();
    await fc.assert(
      fc.asyncProperty(fc.object({ key: fc.constantFrom('schema', 'epoch', 'generation', 'x') }), async (value) => {
        await plant({ ...value, schema: 1 });
        const record = await vault.read();
        if (record) expect([typeof record.epoch, Number.isSafeInteger(record.generation)]).toEqual(['string', true]);
      }),
      { numRuns: 100 },
    );
  });

  test('of a later schema is left untouched: reading and changing say why and fail', async () => {
    const later = { schema: 2, somethingElse: true };
    await plant(later);
    const vault = setUp();
    const change = vi.fn(() => RECORD);
    await expect(vault.read()).rejects.toThrow('a newer version of holdfast');
    await expect(vault.update(change)).rejects.toThrow('a newer version of holdfast');
    expect(change).not.toHaveBeenCalled();
    expect(await database.shelf('record', 'it').read()).toEqual(later);
  });
});

describe('an epoch that was signed out', () => {
  test('is known at once in every page, without the database', async () => {
    const open = vi.spyOn(indexedDB, 'open');
    const { module } = await openPage<VaultModule>('../../src/browser/vault.ts');
    const elsewhere = module.indexedDbVault({ name, shelf: database.shelf('record', 'the session') });
    const vault = setUp();
    expect(vault.isBuried('one')).toBe(false);
    vault.bury('one');
    expect([vault.isBuried('one'), elsewhere.isBuried('one')]).toEqual([true, true]);
    expect([vault.isBuried('two'), elsewhere.isBuried('two')]).toEqual([false, false]);
    expect(open).not.toHaveBeenCalled();
  });

  test('is known after a reload', () => {
    setUp().bury('one');
    expect(setUp().isBuried('one')).toBe(true);
  });

  test('is not mistaken for that of another session name', () => {
    setUp().bury('one');
    expect(indexedDbVault({ name: 'other', shelf: database.shelf('record', 'it') }).isBuried('one')).toBe(false);
  });

  test('is known in its own page even when localStorage is full or refused', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    const vault = setUp();
    vault.bury('one');
    expect([vault.isBuried('one'), vault.isBuried('two')]).toEqual([true, false]);
  });

  test('costs one look', () => {
    const look = vi.spyOn(Storage.prototype, 'getItem');
    setUp().isBuried('one');
    expect(look).toHaveBeenCalledTimes(1);
  });
});
