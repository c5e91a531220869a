/** The patched XMLHttpRequest: which requests carry the token, what becomes of those that wait, and how it goes away. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createSession } from '../../src/create-session.ts';
import type { RotationOutcome, Session, TokenServer } from '../../src/core/types.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import type { Arrival } from './backend.ts';

const API = `${location.origin}/backend/api/`;
const Native = XMLHttpRequest;
const natively = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);

interface Stage {
  readonly session: Session;
  /** Answers the rotation. */
  readonly answer: (outcome: RotationOutcome) => void;
  readonly undo: () => void;
}

/** A patched page whose session rotates when it is told to. */
async function stage(
  token: string,
  { server = {}, life = 36_000_000 }: { server?: Partial<TokenServer>; life?: number } = {},
): Promise<Stage> {
  let answer: Stage['answer'] = () => {};
  const outcome = new Promise<RotationOutcome>((resolve) => (answer = resolve));
  const session = createSession({
    name: crypto.randomUUID(),
    resources: [API],
    server: {
      endpoints: [],
      readTokens: () => ({ accessToken: token, refreshToken: 'refresh', life }),
      rotate: () => outcome,
      attach: (_, { accessToken }) => ({ headers: { Authorization: `Bearer ${accessToken}` } }),
      isRefusal: ({ response }) => response.status === 401,
      ...server,
    },
  });
  onTestFinished(session.dispose);
  await session.start({});
  const undo = patchXMLHttpRequest(session);
  onTestFinished(undo);
  return { session, answer, undo };
}

const rotated = (accessToken: string): RotationOutcome => ({
  outcome: 'rotated',
  tokens: { accessToken, refreshToken: 'next', life: 36_000_000 },
});

interface Request {
  readonly method?: string;
  readonly body?: XMLHttpRequestBodyInit;
  readonly prepare?: (xhr: XMLHttpRequest) => void;
}

interface Sent {
  readonly xhr: XMLHttpRequest;
  readonly events: string[];
  /** Resolves with what the page has seen, when it has ended. */
  readonly ended: Promise<string[]>;
}

function send(url: string, { method = 'POST', body = 'body', prepare }: Request = {}): Sent {
  const xhr = new XMLHttpRequest();
  const events: string[] = [];
  for (const type of ['readystatechange', 'loadstart', 'load', 'error', 'abort', 'timeout']) {
    xhr.addEventListener(type, () => events.push(`${type} ${xhr.readyState} ${xhr.status}`));
  }
  const ended = new Promise<string[]>((resolve) => {
    xhr.onloadend = () => resolve(events);
  });
  xhr.open(method, url);
  prepare?.(xhr);
  xhr.send(body);
  return { xhr, events, ended };
}

function api(): { readonly url: string; readonly arrivals: () => Promise<readonly Arrival[]> } {
  const id = crypto.randomUUID();
  const arrivals = async () => (await fetch(`/backend/seen?id=${id}`)).json() as Promise<Arrival[]>;
  return { url: `${API}?id=${id}`, arrivals };
}

const tokensOf = (arrivals: readonly Arrival[]) => arrivals.map(({ headers }) => headers['authorization']);

const whole = [
  'readystatechange 1 0',
  'loadstart 1 0',
  'readystatechange 2 200',
  'readystatechange 3 200',
  'readystatechange 4 200',
  'load 4 200',
];

afterEach(() => {
  const now = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);
  const isLike = Object.entries(natively).every(([key, before]) => {
    const found = Reflect.get(now, key) as PropertyDescriptor | undefined;
    return found?.get === before.get && found?.value === before.value;
  });
  if (!isLike || XMLHttpRequest !== Native) throw new Error('The test has left a patch behind.');
});

test('a request that is refused goes out once more with the next token, byte for byte, and its page sees one', async () => {
  const { answer, undo } = await stage('dead');
  const { arrivals, url } = api();
  const body = new Uint8Array([1, 2, 3]);
  const statuses = new Set<number>();
  const { ended, xhr } = send(url, { body, prepare: (it) => it.setRequestHeader('x-own', 'kept') });
  body.fill(9);
  const poll = setInterval(() => statuses.add(xhr.status), 1);
  await vi.waitFor(async () => expect(await arrivals()).toHaveLength(1));
  answer(rotated('good'));
  expect(await ended).toEqual(whole);
  clearInterval(poll);
  expect(statuses.has(401)).toBe(false);
  const [first, second] = await arrivals();
  expect(tokensOf(await arrivals())).toEqual(['Bearer dead', 'Bearer good']);
  expect(first?.body).toBe(btoa('\u0001\u0002\u0003'));
  expect({ ...second, headers: { ...second?.headers, authorization: undefined } }).toEqual({
    ...first,
    headers: { ...first?.headers, authorization: undefined },
  });
  undo();
});

test('a second refusal is handed over, and an API that always refuses is asked once', async () => {
  const { answer, undo } = await stage('good');
  answer(rotated('dead-again'));
  const { arrivals, url } = api();
  expect((await send(`${url}&status=401`).ended).at(-1)).toBe('load 4 401');
  expect((await send(`${url}&status=401`).ended).at(-1)).toBe('load 4 401');
  expect(await arrivals()).toHaveLength(3);
  undo();
});

test("a caller's own Authorization wins, and its refusal is its own affair", async () => {
  const { session, undo } = await stage('good');
  const { arrivals, url } = api();
  const prepare = (xhr: XMLHttpRequest) => xhr.setRequestHeader('authorization', 'Bearer dead own');
  expect((await send(url, { prepare }).ended).at(-1)).toBe('load 4 401');
  expect(tokensOf(await arrivals())).toEqual(['Bearer dead own']);
  expect(session.inspect().lastRotation).toBeUndefined();
  undo();
});

test('a synchronous request, one with a user, and one to another URL go out as they came', async () => {
  const { undo } = await stage('good');
  const { arrivals, url } = api();
  const xhr = new XMLHttpRequest();
  xhr.open('GET', url, false);
  xhr.send();
  expect(xhr.status).toBe(200);
  await send(url.replace('/api/', '/other/')).ended;
  await new Promise((resolve) => {
    const named = new XMLHttpRequest();
    named.onloadend = resolve;
    named.open('GET', url, true, 'ada', 'secret');
    named.send();
  });
  expect(await arrivals()).toHaveLength(3);
  expect(tokensOf(await arrivals())).not.toContain('Bearer good');
  undo();
});

test('a header of ours takes the place of one of the same name', async () => {
  const server: Partial<TokenServer> = { attach: () => ({ headers: { 'X-Token': 'ours' } }) };
  const { undo } = await stage('good', { server });
  const { arrivals, url } = api();
  const prepare = (xhr: XMLHttpRequest) => {
    xhr.setRequestHeader('x-token', 'theirs');
    xhr.setRequestHeader('x-own', 'kept');
  };
  expect(await send(url, { prepare }).ended).toEqual(whole);
  expect((await arrivals())[0]?.headers).toMatchObject({ 'x-token': 'ours', 'x-own': 'kept' });
  undo();
});

test('a token that must be signed first goes out when it is, in one request', async () => {
  const server: Partial<TokenServer> = {
    attach: async ({ method, url }) => ({ headers: { Authorization: `Bearer ${method} ${new URL(url).pathname}` } }),
  };
  const { undo } = await stage('good', { server });
  const { arrivals, url } = api();
  expect(await send(url, { method: 'put' }).ended).toEqual(whole);
  expect(tokensOf(await arrivals())).toEqual(['Bearer PUT /backend/api/']);
  undo();
});

test('a request that waits can be aborted, and never goes out', async () => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const { arrivals, url } = api();
  const { events, xhr } = send(url);
  expect(() => xhr.send()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  expect(() => xhr.setRequestHeader('x', 'y')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  xhr.abort();
  expect(events).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'abort 4 0']);
  expect(xhr.readyState).toBe(0);
  answer(rotated('good'));
  await send(url).ended;
  expect(tokensOf(await arrivals())).toEqual(['Bearer good']);
  expect(events).toHaveLength(4);
  undo();
});

test('a request that was refused can be aborted while it waits for the next token', async () => {
  const { answer, session, undo } = await stage('dead');
  const { arrivals, url } = api();
  const { events, xhr } = send(url);
  await vi.waitFor(() => expect(session.inspect().waiting).toBe(1));
  xhr.abort();
  expect(events).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'abort 4 0']);
  answer(rotated('good'));
  await send(url).ended;
  expect(tokensOf(await arrivals())).toEqual(['Bearer dead', 'Bearer good']);
  undo();
});

test('the time that a request waits counts towards its timeout, also when it is sent by then', async () => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const waiting = send(api().url, { prepare: (xhr) => void (xhr.timeout = 50) });
  expect(await waiting.ended).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'timeout 4 0']);
  expect([waiting.xhr.readyState, waiting.xhr.timeout]).toEqual([4, 50]);

  const began = performance.now();
  const slow = send(`${api().url}&answer=hang`, { prepare: (xhr) => void (xhr.timeout = 300) });
  setTimeout(() => answer(rotated('good')), 150);
  expect((await slow.ended).at(-1)).toBe('timeout 4 0');
  expect(slow.xhr.timeout).toBe(300);
  expect(performance.now() - began).toBeLessThan(450);
  undo();
});

test('a request that waits for a session which ends fails with an error', async () => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const { arrivals, url } = api();
  const { ended, xhr } = send(url);
  answer({ outcome: 'rejected' });
  expect(await ended).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'error 4 0']);
  expect(xhr.readyState).toBe(4);
  expect(await arrivals()).toEqual([]);
  xhr.open('GET', `${location.origin}/backend/other/`);
  expect(Object.getOwnPropertyNames(xhr)).toEqual([]);
  undo();
});

test('it is XMLHttpRequest to whoever looks, and to whoever extends it', async () => {
  const look = () => ({
    names: Object.entries(Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype)).map(([key, property]) => {
      const { configurable, enumerable, writable } = property;
      const called: unknown = Reflect.get(property, 'get') ?? property.value;
      const face =
        typeof called === 'function' ? [called.name, called.length, Object.hasOwn(called, 'prototype')] : called;
      return [key, configurable, enumerable, writable, property.set?.name, face];
    }),
    statics: Object.entries(Object.getOwnPropertyDescriptors(XMLHttpRequest)).map(([key, { value, ...flags }]) =>
      key === 'prototype' ? [key, flags] : [key, flags, value as unknown],
    ),
    global: { ...Object.getOwnPropertyDescriptor(globalThis, 'XMLHttpRequest'), value: undefined },
    constructor: new XMLHttpRequest().constructor === XMLHttpRequest,
    tag: String(new XMLHttpRequest()),
    own: Object.getOwnPropertyNames(new XMLHttpRequest()),
    parent: Object.getPrototypeOf(XMLHttpRequest) as unknown,
  });
  const theirs = look();
  const before = new XMLHttpRequest();
  const { undo } = await stage('dead');
  expect(look()).toEqual(theirs);
  expect(before).toBeInstanceOf(XMLHttpRequest);
  expect(() => Reflect.apply(XMLHttpRequest as unknown as () => void, undefined, [])).toThrow(TypeError);
  class Ours extends XMLHttpRequest {
    readonly name = 'ours';
    override open(method: string, url: string): void {
      super.open(method, url);
    }
  }
  const ours = new Ours();
  expect(ours).toBeInstanceOf(XMLHttpRequest);
  expect([ours.name, ours.constructor]).toEqual(['ours', Ours]);
  undo();
});

test('an object that was there before carries the token, and is handed a refusal', async () => {
  const before = new XMLHttpRequest();
  const events: number[] = [];
  before.addEventListener('readystatechange', () => events.push(before.readyState));
  const { undo } = await stage('dead');
  const { arrivals, url } = api();
  await new Promise((resolve) => {
    before.onloadend = resolve;
    before.open('GET', url);
    before.send();
  });
  expect(events).toEqual([1, 2, 3, 4]);
  expect(before.status).toBe(401);
  expect(tokensOf(await arrivals())).toEqual(['Bearer dead']);
  undo();
});

test('the undo of the last owner takes it up; what others laid over it stays, over native methods', async () => {
  const { session, undo } = await stage('good');
  const second = patchXMLHttpRequest(session);
  undo();
  const { arrivals, url } = api();
  await send(url).ended;
  const { prototype } = XMLHttpRequest;
  const ours = Reflect.get(prototype, 'open') as (...given: unknown[]) => void;
  prototype.open = function (this: XMLHttpRequest, ...given: unknown[]) {
    Reflect.apply(ours, this, given);
  };
  const theirs = Reflect.get(prototype, 'open') as unknown;
  second();
  expect(Reflect.get(prototype, 'open')).toBe(theirs);
  await send(url).ended;
  expect(tokensOf(await arrivals())).toEqual(['Bearer good', undefined]);
  Object.defineProperty(prototype, 'open', natively.open);
});
