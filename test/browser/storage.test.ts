import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserStorage, type BrowserStorage } from '../../src/browser/storage.ts';
import { contextOf } from '../../src/core/held.ts';
import type { SessionRecord } from '../../src/core/record.ts';
import { openPage } from './frame.ts';
import { stoppedClock } from './stopped-clock.ts';

type StorageModule = typeof import('../../src/browser/storage.ts');
const MODULE = '../../src/browser/storage.ts';
const SECRET = 'refresh-token-7c1f';
const RECORD: SessionRecord = { schema: 1, epoch: 'one', startedAt: 0, generation: 0, sentAt: 0 };
/** What its tokens are sealed for. */
const CONTEXT = contextOf(RECORD);

let name: string;

function setUp(make = browserStorage, storage: 'indexeddb' | 'memory' = 'indexeddb'): BrowserStorage {
  const made = make({ name, clock: stoppedClock(), storage });
  onTestFinished(made.dispose);
  return made;
}

/** Signs in, as far as storage is concerned, and reads it back. */
async function keep({ vault, seal }: BrowserStorage): Promise<string> {
  const sealed = await seal.seal(SECRET, CONTEXT);
  await vault.update(() => ({ ...RECORD, sealed }));
  return seal.open((await vault.read())?.sealed, CONTEXT);
}

const isStored = async (): Promise<boolean> => (await indexedDB.databases()).some((database) => database.name === name);

beforeEach(() => {
  name = `storage ${crypto.randomUUID()}`;
});
afterEach(() => {
  vi.restoreAllMocks();
  indexedDB.deleteDatabase(name);
});

test('the session survives a reload', async () => {
  const before = setUp();
  expect(await keep(before)).toBe(SECRET);
  expect(before.missing()).toEqual([]);
  const after = setUp();
  expect(await after.seal.open((await after.vault.read())?.sealed, CONTEXT)).toBe(SECRET);
});

test('nothing is opened before it is needed', async () => {
  const open = vi.spyOn(indexedDB, 'open');
  const storage = setUp();
  storage.vault.isBuried('one');
  expect(open).not.toHaveBeenCalled();
  await storage.vault.read();
  expect(open).toHaveBeenCalledTimes(1);
});

test('an open that fails once is no reason to forget the session', async () => {
  await keep(setUp());
  vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
    throw new DOMException('Internal error', 'UnknownError');
  });
  const storage = setUp();
  expect(await storage.vault.read()).toMatchObject(RECORD);
  expect(storage.missing()).toEqual([]);
});

describe('where the browser cannot keep it sealed, the session lives in memory only:', () => {
  test.each([
    ['without IndexedDB', "Object.defineProperty(window, 'indexedDB', { value: undefined })", 'indexedDB'],
    [
      'where IndexedDB is refused',
      "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }",
      'indexedDB',
    ],
    [
      'where the private window opens nothing',
      'IDBFactory.prototype.open = () => { const request = {}; queueMicrotask(() => request.onerror()); return request }',
      'indexedDB',
    ],
    [
      'where keys cannot be stored',
      "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'DataCloneError') }",
      'indexedDB',
    ],
    ['without crypto.subtle', "Object.defineProperty(crypto, 'subtle', { value: undefined })", 'crypto.subtle'],
  ])('%s', async (_, before, missing) => {
    const { module } = await openPage<StorageModule>(MODULE, { before });
    const storage = setUp(module.browserStorage);
    expect(await keep(storage)).toBe(SECRET);
    expect(storage.missing()).toEqual([missing]);
    // Another page finds nothing on the disk.
    expect(await setUp().vault.read()).toBeUndefined();
  });

  test('the decision stands: what was kept is found again when the browser has come to its senses', async () => {
    const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('', 'SecurityError');
    });
    const storage = setUp();
    await keep(storage);
    open.mockRestore();
    expect(await storage.vault.read()).toMatchObject(RECORD);
    expect(await isStored()).toBe(false);
  });
});

describe('with storage: memory', () => {
  test('the record is shared, and no token is in it', async () => {
    const { seal, vault, missing } = setUp(browserStorage, 'memory');
    await vault.update(() => ({ ...RECORD, user: 'ada' }));
    expect(await seal.seal(SECRET, CONTEXT)).toBeUndefined();
    expect(missing()).toEqual([]);
    expect(await setUp(browserStorage, 'memory').vault.read()).toEqual({ ...RECORD, user: 'ada' });
  });

  test('what was sealed before the app chose memory is read once more, and wiped by that', async () => {
    await keep(setUp());
    const { seal, vault } = setUp(browserStorage, 'memory');
    expect(await seal.open((await vault.read())?.sealed, CONTEXT)).toBe(SECRET);
    expect(await vault.read()).toEqual(RECORD);
  });

  test('what was sealed before is not wiped by a tab that cannot open it, nor in a later record', async () => {
    const { seal: other, vault: rotated } = setUp();
    await keep({ seal: other, vault: rotated } as BrowserStorage);
    const { seal, vault } = setUp(browserStorage, 'memory');
    const before = (await vault.read())?.sealed;
    await expect(seal.open(before, 'two 0')).rejects.toThrow();
    const later = await other.seal(SECRET, 'one 1');
    await rotated.update((record) => record && { ...record, generation: 1, sealed: later });
    expect(await seal.open(before, CONTEXT)).toBe(SECRET);
    expect((await vault.read())?.sealed).toBeDefined();
  });

  test('without crypto.subtle nothing can be handed over: the session is of one tab', async () => {
    const before = "Object.defineProperty(crypto, 'subtle', { value: undefined })";
    const { module } = await openPage<StorageModule>(MODULE, { before });
    const storage = setUp(module.browserStorage, 'memory');
    expect(await keep(storage)).toBe(SECRET);
    expect(storage.missing()).toEqual(['crypto.subtle']);
    expect(await isStored()).toBe(false);
  });
});

test('an epoch that was signed out is known before anything was opened', () => {
  setUp().vault.bury('one');
  expect(setUp().vault.isBuried('one')).toBe(true);
});
