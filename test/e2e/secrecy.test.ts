/** Where tokens must never be seen. */
import type { Browser, Page } from 'playwright';
import { beforeAll, expect, test } from 'vitest';
import { generation, lastRequest, openBrowser, openDemo, press, signIn, start, SOON } from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

/** Shorter pieces occur by chance. */
const PIECE = 12;

/** Every piece of a token that can be found in the text. */
function found(tokens: readonly string[], text: string): readonly string[] {
  const pieces: string[] = [];
  for (const token of tokens) {
    for (let at = 0; at + PIECE <= token.length; at += 1) {
      const piece = token.slice(at, at + PIECE);
      if (text.includes(piece)) pieces.push(piece);
    }
  }
  return pieces;
}

/** Everything in the page's IndexedDB as text; binary data as one character a byte. */
async function readDatabases(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const settle = <Result>(request: IDBRequest<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error('IndexedDB cannot be read.')));
      });
    const latin = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    const readable = (_key: string, value: unknown): unknown => {
      if (value instanceof ArrayBuffer) return latin(new Uint8Array(value));
      if (ArrayBuffer.isView(value)) return latin(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      if (value instanceof CryptoKey) return { extractable: value.extractable };
      return value;
    };
    const contents: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      if (name === undefined) continue;
      const database = await settle(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        contents.push(await settle(objects.getAllKeys()), await settle(objects.getAll()));
      }
      database.close();
    }
    return JSON.stringify(contents, readable);
  });
}

test('no part of a token is in the page, the address, the console, or any storage', async ({ onTestFinished }) => {
  const demo = await start(3, onTestFinished);
  const page = await openDemo(browser, demo);
  const said: string[] = [];
  const addresses = new Set<string>();
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('framenavigated', (frame) => addresses.add(frame.url()));
  page.on('request', (request) => addresses.add(request.url()));

  await signIn(page, 'ada');
  await press(page, 'Call the API');
  expect(await lastRequest(page)).toBe('200');
  await expect.poll(() => generation(page), SOON).toBeGreaterThanOrEqual(2);
  const stored = await page.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
  );
  const databases = await readDatabases(page);

  const tokens = demo.control.issued().flatMap((issued) => Object.values(issued));
  expect(tokens.length).toBeGreaterThanOrEqual(9);
  expect(found(tokens, await page.content())).toEqual([]);
  expect(found(tokens, [...addresses, page.url()].join('\n'))).toEqual([]);
  expect(found(tokens, stored)).toEqual([]);
  expect(databases).toMatch(/"generation":\d/);
  expect(databases).toContain('"extractable":false');
  expect(databases).not.toContain('"extractable":true');
  expect(found(tokens, databases)).toEqual([]);
  expect(said).toEqual([]);
});

test('code and state are out of the address bar, and the way back leads nowhere else', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished);
  const page = await openDemo(browser, demo);
  await page.goto(`${demo.url}?view=all#log`);
  await signIn(page, 'ada');

  expect(page.url()).toBe(`${demo.url}?view=all#log`);
});
