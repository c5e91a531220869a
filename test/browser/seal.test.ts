import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { indexedDatabase, type Shelf } from '../../src/browser/database.ts';
import { webCryptoSeal } from '../../src/browser/seal.ts';
import { openPage, openPages } from './frame.ts';
import { stoppedClock } from './stopped-clock.ts';

type SealModule = typeof import('../../src/browser/seal.ts');
type StorageModule = typeof import('../../src/browser/storage.ts');
const SECRET = 'refresh-token-7c1f';

let name: string;

function keyShelf(): Shelf {
  const database = indexedDatabase({ name, clock: stoppedClock() });
  onTestFinished(database.dispose);
  return database.shelf('key', 'the key');
}

const plainKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);

beforeEach(() => {
  name = `seal ${crypto.randomUUID()}`;
});
afterEach(() => {
  vi.restoreAllMocks();
  indexedDB.deleteDatabase(name);
});

test('what was sealed can be opened after a reload', async () => {
  const sealed: unknown = structuredClone(await webCryptoSeal({ shelf: keyShelf() }).seal(SECRET, 'one/1'));
  expect(await webCryptoSeal({ shelf: keyShelf() }).open(sealed, 'one/1')).toBe(SECRET);
});

test('what was sealed in one context cannot be opened in another', async () => {
  const seal = webCryptoSeal({ shelf: keyShelf() });
  const sealed = await seal.seal(SECRET, 'one/1');
  await expect(seal.open(sealed, 'one/2')).rejects.toThrow('another key or context');
});

test('what is stored does not contain the text, and is never twice the same', async () => {
  const seal = webCryptoSeal({ shelf: keyShelf() });
  const sealed = (await Promise.all([seal.seal(SECRET, 'one'), seal.seal(SECRET, 'one')])) as {
    readonly iv: Uint8Array;
    readonly data: ArrayBuffer;
  }[];
  const texts = sealed.map(({ data }) => new TextDecoder('latin1').decode(data));
  expect(texts[0]).not.toContain(SECRET.slice(0, 8));
  expect(texts[0]).not.toBe(texts[1]);
  expect(sealed.map(({ iv }) => iv.length)).toEqual([12, 12]);
  expect(sealed[0]?.iv).not.toEqual(sealed[1]?.iv);
});

test('the key cannot be read out', async () => {
  const shelf = keyShelf();
  await webCryptoSeal({ shelf }).seal(SECRET, 'one');
  const key = (await shelf.read()) as CryptoKey;
  expect(key.algorithm).toEqual({ name: 'AES-GCM', length: 256 });
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toMatchObject({ name: 'InvalidAccessError' });
});

test('pages that seal for the first time at the same moment use the same key', async () => {
  const pages = await openPages<StorageModule>(4, '../../src/browser/storage.ts');
  const sealed = await Promise.all(
    pages.map(({ module }) => {
      const { seal, dispose } = module.browserStorage({ name, clock: stoppedClock(), storage: 'indexeddb' });
      onTestFinished(dispose);
      return seal.seal(SECRET, 'one');
    }),
  );
  const reader = webCryptoSeal({ shelf: keyShelf() });
  for (const one of sealed) expect(await reader.open(structuredClone(one), 'one')).toBe(SECRET);
});

test('a page that seals several things for the first time at the same moment can open all of them', async () => {
  const generate = crypto.subtle.generateKey.bind(crypto.subtle) as (...options: unknown[]) => Promise<CryptoKey>;
  vi.spyOn(crypto.subtle, 'generateKey').mockImplementation(async (...options: unknown[]) => {
    // Slow, so that all of them make a key of their own.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return generate(...options);
  });
  const seal = webCryptoSeal({ shelf: keyShelf() });
  const sealed = await Promise.all(Array.from({ length: 8 }, () => seal.seal(SECRET, 'one')));
  for (const one of sealed) expect(await seal.open(one, 'one')).toBe(SECRET);
});

test('when the database was deleted, sealing goes on with a key that is stored again', async () => {
  const seal = webCryptoSeal({ shelf: keyShelf() });
  const before = await seal.seal(SECRET, 'one');
  await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
  await expect(seal.open(before, 'one')).rejects.toThrow('not sealed here');
  const after = await seal.seal(SECRET, 'one');
  expect(await webCryptoSeal({ shelf: keyShelf() }).open(after, 'one')).toBe(SECRET);
});

test.each([
  ['nothing', async () => undefined],
  ['null, as some engines return broken keys', async () => null],
  ['text', async () => 'key'],
  ['a key that can be read out', plainKey],
])('where %s is found in the place of the key, a new one is made', async (_, plant) => {
  const shelf = keyShelf();
  const planted: unknown = await plant();
  await shelf.update(() => planted);
  const seal = webCryptoSeal({ shelf });
  expect(await seal.open(await seal.seal(SECRET, 'one'), 'one')).toBe(SECRET);
  expect(await shelf.read()).toMatchObject({ extractable: false });
});

test.each([
  undefined,
  null,
  SECRET,
  {},
  [],
  { iv: new Uint8Array(12) },
  { iv: [1], data: new ArrayBuffer(20) },
  { iv: new Uint8Array(12), data: 'text' },
  { iv: new Uint8Array(0), data: new ArrayBuffer(40) },
  { iv: new Uint8Array(12), data: new ArrayBuffer(0) },
  { iv: new Uint8Array(12), data: new ArrayBuffer(40) },
])('what was not sealed here (%#) is not opened, and the error keeps it to itself', async (forged) => {
  const seal = webCryptoSeal({ shelf: keyShelf() });
  await seal.seal('', 'one');
  const error: unknown = await seal.open(forged, 'one').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).not.toContain(SECRET);
});

test('on a page without crypto.subtle (plain http) it says so, and opens nothing', async () => {
  const { module } = await openPage<SealModule>('../../src/browser/seal.ts', {
    before: "Object.defineProperty(crypto, 'subtle', { value: undefined }); delete window.CryptoKey",
  });
  const open = vi.spyOn(indexedDB, 'open');
  const seal = module.webCryptoSeal({ shelf: keyShelf() });
  await expect(seal.seal(SECRET, 'one')).rejects.toThrow('not a secure context');
  await expect(seal.open({}, 'one')).rejects.toThrow('not a secure context');
  expect(open).not.toHaveBeenCalled();
});

test('where keys cannot be stored it says so, without the text', async () => {
  const refusal = new DOMException('CryptoKey could not be cloned.', 'DataCloneError');
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw refusal;
  });
  const error: unknown = await webCryptoSeal({ shelf: keyShelf() })
    .seal(SECRET, 'one')
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: 'The key of the seal cannot be stored.', cause: refusal });
});
