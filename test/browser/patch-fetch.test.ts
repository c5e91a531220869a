/** The patched fetch: what it carries, what it leaves as native fetch has it, and how it goes away. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createSession } from '../../src/create-session.ts';
import type { Session, SessionOptions } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { patchFetch } from '../../src/patch.ts';

type Fetch = typeof globalThis.fetch;
type Owners = typeof import('../../src/browser/patch-owners.ts');

const native = Object.getOwnPropertyDescriptor(globalThis, 'fetch');

/** A signed-in session whose network, as it was when the session was made, is the function given. */
async function open(network?: Fetch, options: Partial<SessionOptions> = {}): Promise<Session> {
  const before = globalThis.fetch;
  if (network) globalThis.fetch = network;
  const server = oauth2({ tokenEndpoint: '/nowhere/token', clientId: 'spa' });
  const session = createSession({ server, name: crypto.randomUUID(), resources: ['/api/'], ...options });
  globalThis.fetch = before;
  onTestFinished(session.dispose);
  await session.start({ access_token: 'ours', token_type: 'Bearer', expires_in: 36_000, refresh_token: 'r' });
  return session;
}

/** A network that says which token it saw. */
function noted() {
  return vi.fn<Fetch>(async (_, init) => new Response(new Headers(init?.headers).get('authorization')));
}

/** Lays a wrapper such as monitoring tools lay. */
function lay(fetch: Fetch) {
  const before = globalThis.fetch;
  globalThis.fetch = fetch;
  return () => void (globalThis.fetch = before);
}

afterEach(() => {
  const now = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (native) Object.defineProperty(globalThis, 'fetch', native);
  const isMarked = Object.getOwnPropertySymbols(globalThis).some((key) => String(key).includes('holdfast'));
  if (isMarked || now?.value !== native?.value) throw new Error('The test has left a patch behind.');
});

test("the page's fetch carries the token to our URLs, and to no others", async () => {
  const network = noted();
  const session = await open();
  const away = lay(network);
  const undo = patchFetch(session);
  expect(await (await fetch('/api/orders')).text()).toBe('Bearer ours');
  const init = { method: 'POST' };
  await fetch('/public', init);
  expect(network.mock.lastCall?.[0]).toBe('/public');
  expect(network.mock.lastCall?.[1]).toBe(init);
  undo();
  away();
});

test('it looks like native fetch', async () => {
  const ours = await look(await open());
  const theirs = describeFetch();
  expect(ours).toEqual(theirs);

  async function look(session: Session) {
    const undo = patchFetch(session);
    const seen = describeFetch();
    undo();
    return seen;
  }

  function describeFetch() {
    const { value, ...flags } = Object.getOwnPropertyDescriptor(globalThis, 'fetch') ?? {};
    return {
      flags,
      own: Object.fromEntries(Reflect.ownKeys(fetch).map((key) => [key, Object.getOwnPropertyDescriptor(value, key)])),
      prototype: Object.getPrototypeOf(fetch) === Function.prototype,
      key: Object.keys(globalThis).indexOf('fetch'),
    };
  }
});

test.for<[string, (fetch: Fetch) => Promise<Response>]>([
  ['without arguments', (fetch) => Reflect.apply(fetch, undefined, [])],
  ['on an object that is no window', (fetch) => Reflect.apply(fetch, {}, ['/api/'])],
  ['on a primitive', (fetch) => Reflect.apply(fetch, 1, ['/api/'])],
  ['with a symbol', (fetch) => Reflect.apply(fetch, undefined, [Symbol('x')])],
  ['with an init that is none', (fetch) => Reflect.apply(fetch, undefined, ['/api/', 1])],
  ['with headers that are no pairs', (fetch) => fetch('/api/', { headers: ['ab', 'cd'] as never })],
  ['with a URL that is none', (fetch) => fetch('http://:')],
])('called %s it fails exactly as native fetch does', async ([, call]) => {
  const theirs: unknown = await call(fetch).catch((error: unknown) => error);
  const undo = patchFetch(await open());
  const ours: unknown = await call(fetch).catch((error: unknown) => error);
  undo();
  expect(theirs).toBeInstanceOf(TypeError);
  expect(ours).toBeInstanceOf(TypeError);
  expect(reasonOf(ours)).toBe(reasonOf(theirs));
});

/** Chromium says before it who was called. */
const reasonOf = (error: unknown): string => String(error).replace("Failed to execute 'fetch' on 'Window': ", '');

test('it works wherever native fetch does: bare, on the window, bound, with null', async () => {
  const away = lay(noted());
  const undo = patchFetch(await open());
  const calls = [fetch('/api/'), window.fetch('/api/'), self.fetch('/api/'), fetch.call(null, '/api/')];
  const texts = await Promise.all([...calls, fetch.bind(window)('/api/')].map(async (call) => (await call).text()));
  expect(new Set(texts)).toEqual(new Set(['Bearer ours']));
  expect(() => Reflect.construct(fetch, ['/api/'])).toThrow(TypeError);
  undo();
  away();
});

test('the undo of the last owner takes it up, and an undo counts once', async () => {
  const session = await open();
  const before = fetch;
  const [first, second] = [patchFetch(session), patchFetch({ ...session })];
  const laid = fetch;
  expect(laid).not.toBe(before);
  first();
  first();
  expect(fetch).toBe(laid);
  second();
  second();
  expect(fetch).toBe(before);
  const again = patchFetch(session);
  first();
  second();
  expect(fetch).not.toBe(before);
  again();
});

test('a fetch that is held on to after the undo is native fetch', async () => {
  const network = noted();
  const away = lay(network);
  const undo = patchFetch(await open());
  const kept = fetch;
  undo();
  expect(await (await kept('/api/')).text()).toBe('');
  away();
});

test('a wrapper that was laid over it stays, over a native fetch', async () => {
  const network = noted();
  const away = lay(network);
  const session = await open();
  const undo = patchFetch(session);
  const ours = fetch;
  const theirs: Fetch = (...given) => ours(...given);
  const theirAway = lay(theirs);
  expect(await (await fetch('/api/')).text()).toBe('Bearer ours');
  undo();
  expect(fetch).toBe(theirs);
  expect(await (await fetch('/api/')).text()).toBe('');

  const undoAgain = patchFetch(session);
  expect(await (await fetch('/api/')).text()).toBe('Bearer ours');
  undoAgain();
  expect(fetch).toBe(theirs);
  theirAway();
  away();
});

test('a property that was no ordinary one comes back as it was', async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'fetch') ?? {};
  const session = await open();
  const value = fetch;
  const odd: PropertyDescriptor[] = [
    { value, writable: false, enumerable: false, configurable: true },
    { get: () => value, enumerable: false, configurable: true },
  ];
  for (const descriptor of odd) {
    Object.defineProperty(globalThis, 'fetch', descriptor);
    const found = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
    const undo = patchFetch(session);
    expect(fetch).not.toBe(value);
    undo();
    expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toEqual(found);
  }
  Object.defineProperty(globalThis, 'fetch', before);
});

test('a second session is refused, and a second copy of the library', async () => {
  const [one, other] = [await open(), await open()];
  const source = '../../src/browser/patch-owners.ts?copy';
  const copy = (await import(/* @vite-ignore */ source)) as Owners;
  const undo = patchFetch(one);
  expect(() => patchFetch(other)).toThrow(new TypeError('fetch is patched already, for another session.'));
  const lay = vi.fn(() => ({ undo: () => {} }));
  expect(() => copy.layFor(one, 'fetch', lay)).toThrow(
    new TypeError('fetch is patched already, by another copy of holdfast.'),
  );
  expect(lay).not.toHaveBeenCalled();
  undo();
  const theirs = copy.layFor(one, 'fetch', lay);
  expect(() => patchFetch(one)).toThrow(TypeError);
  theirs();
  patchFetch(other)();
});

test('a session of another copy of the library is refused', async () => {
  const session = await open();
  const stranger = { ...session, fetch: () => session.fetch('/api/') };
  expect(() => patchFetch(stranger)).toThrow(TypeError);
});

test('a session that is made over a patched fetch does not go through it', async () => {
  const network = noted();
  const away = lay(network);
  const first = await open();
  const undo = patchFetch(first);
  const second = await open();
  const refusing = await open(undefined, { resources: ['/other/'] });
  expect(await (await second.fetch('/api/')).text()).toBe('Bearer ours');
  expect(await (await refusing.fetch('/api/')).text()).toBe('');
  expect(network).toHaveBeenCalledTimes(2);
  undo();
  away();
});
