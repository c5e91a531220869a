/** What XMLHttpRequest looks like while it is patched, and how the patch goes away. */
import { afterEach, expect, test } from 'vitest';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import { api, send, stage, tokensOf } from './patched-page.ts';

const Native = XMLHttpRequest;
const natively = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);

afterEach(() => {
  const now = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);
  const isLike = Object.entries(natively).every(([key, before]) => {
    const found = Reflect.get(now, key) as PropertyDescriptor | undefined;
    return found?.get === before.get && found?.value === before.value;
  });
  if (!isLike || XMLHttpRequest !== Native) throw new Error('The test has left a patch behind.');
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
