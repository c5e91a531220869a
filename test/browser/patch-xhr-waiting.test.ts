/** A patched XMLHttpRequest that waits, and what becomes of it: also of one that was there before the patch. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { TokenServer } from '../../src/core/types.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import { api, rotated, send, stage, tokensOf } from './patched-page.ts';
import { signIn } from './signed-in.ts';

const Native = XMLHttpRequest;
class Early extends XMLHttpRequest {}

const refused = expect.objectContaining({ name: 'InvalidStateError' }) as unknown;

test.for([
  ['an object of the native constructor', Native],
  ['one of a class that extends it', Early],
] as const)('%s, kept from before the patch, waits unseen and is seen once', async ([, Kept]) => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const { arrivals, url } = api();
  const { ended, events, xhr } = send(url, { xhr: new Kept() });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(events).toEqual(['readystatechange 1 0']);
  expect(() => xhr.send()).toThrow(refused);
  answer(rotated('good'));
  expect((await ended).filter((event) => !event.startsWith('readystatechange 3'))).toEqual([
    'readystatechange 1 0',
    'loadstart 1 0',
    'readystatechange 2 200',
    'readystatechange 4 200',
    'load 4 200',
  ]);
  expect(tokensOf(await arrivals())).toEqual(['Bearer good']);
  undo();
});

test('an object kept from before the patch fails, or is aborted, as natively', async () => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const { arrivals, url } = api();
  const aborted = send(url, { xhr: new Native() });
  aborted.xhr.abort();
  expect(aborted.events).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'abort 4 0']);
  const failing = send(url, { xhr: new Native() });
  answer({ outcome: 'rejected' });
  expect(await failing.ended).toEqual(['readystatechange 1 0', 'loadstart 1 0', 'readystatechange 4 0', 'error 4 0']);
  expect(await arrivals()).toEqual([]);
  undo();
});

test('one that was refused, and waits to be sent again, reads as one that is under way', async () => {
  const { answer, undo } = await stage('dead');
  const { arrivals, url } = api();
  const { ended, events, xhr } = send(url);
  await expect.poll(async () => (await arrivals()).length).toBe(1);
  await expect.poll(() => [xhr.readyState, xhr.status]).toEqual([1, 0]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([xhr.readyState, events]).toEqual([1, ['readystatechange 1 0', 'loadstart 1 0']]);
  expect(() => xhr.send()).toThrow(refused);
  answer(rotated('good'));
  expect((await ended).at(-1)).toBe('load 4 200');
  undo();
});

test('one that was refused with a token that is not the newest goes out again with that, and rotates nothing', async () => {
  const { arrivals, rotations, session, url } = await signIn('dead');
  await session.fetch(url());
  onTestFinished(patchXMLHttpRequest(session));
  const { ended } = send(url({ status: 401, after: 300 }));
  await expect.poll(async () => (await arrivals()).length).toBe(3);
  await session.rotate();
  await ended;
  const [, , refused, replayed, ...others] = tokensOf(await arrivals());
  expect([replayed !== refused, others, await rotations()]).toEqual([true, [], 2]);
});

test('cookies that the session adds to one call are not the next one’s', async () => {
  const { undo } = await stage('good', { server: { attach: () => ({ headers: {}, credentials: 'include' }) } });
  const { ended, xhr } = send(api().url);
  await ended;
  xhr.open('GET', api().url.replace('/api/', '/other/'));
  expect(xhr.withCredentials).toBe(false);
  undo();
});

test('a token is signed once, and where that fails the request does, with nothing left unhandled', async () => {
  const unhandled = vi.fn((event: Event) => event.preventDefault());
  addEventListener('unhandledrejection', unhandled);
  const attach = vi.fn<TokenServer['attach']>(() => Promise.reject(new Error('It cannot be signed.')));
  const { undo } = await stage('good', { server: { attach } });
  expect((await send(api().url).ended).at(-1)).toBe('error 4 0');
  expect(attach).toHaveBeenCalledTimes(1);
  const { xhr } = send(api().url, { prepare: (it) => it.addEventListener('loadstart', () => it.abort()) });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(xhr.readyState).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  removeEventListener('unhandledrejection', unhandled);
  undo();
});

test('an answer with a status beyond 599 is handed over', async () => {
  const thrown = vi.fn((event: Event) => event.preventDefault());
  addEventListener('error', thrown);
  const { undo } = await stage('good');
  expect((await send(`${api().url}&status=600`).ended).at(-1)).toBe('load 4 600');
  expect((await send(`${api().url}&status=999`).ended).at(-1)).toBe('load 4 999');
  expect(thrown).not.toHaveBeenCalled();
  removeEventListener('error', thrown);
  undo();
});

test('an object that has failed while it waited can be used again', async () => {
  const { answer, undo } = await stage('dead', { life: 1 });
  const { ended, events, xhr } = send(api().url);
  answer({ outcome: 'rejected' });
  await ended;
  expect(() => xhr.open('CONNECT', api().url)).toThrow(DOMException);
  expect(xhr.readyState).toBe(4);
  events.length = 0;
  xhr.open('GET', api().url.replace('/api/', '/other/'));
  expect(events).toEqual(['readystatechange 1 0']);
  const again = new Promise((resolve) => (xhr.onloadend = resolve));
  xhr.send();
  await again;
  expect(events.at(-1)).toBe('load 4 200');
  undo();
});

test('an object can be opened anew in the moment of its refusal', async () => {
  const { session, undo } = await stage('dead');
  const { events, xhr } = send(api().url);
  await vi.waitFor(() => expect(session.inspect().waiting).toBe(1), { interval: 1 });
  events.length = 0;
  xhr.open('GET', api().url.replace('/api/', '/other/'));
  const again = new Promise((resolve) => (xhr.onloadend = resolve));
  xhr.send();
  await again;
  expect(events.filter((event) => !event.startsWith('readystatechange'))).toEqual(['loadstart 1 0', 'load 4 200']);
  undo();
});

test('what may not be set while a request is under way may not be set while it waits, and a timeout may', async () => {
  const { undo } = await stage('dead', { life: 1 });
  const { ended, xhr } = send(api().url);
  expect(() => (xhr.withCredentials = true)).toThrow(refused);
  expect(xhr.withCredentials).toBe(false);
  xhr.timeout = 60_000;
  xhr.timeout = 0;
  xhr.timeout = 30;
  expect((await ended).at(-1)).toBe('timeout 4 0');
  undo();
});

test('a body that gives a string is asked for it once, and a method is told as it goes out', async () => {
  const methods = new Set<string>();
  const server: Partial<TokenServer> = {
    attach: ({ method }, { accessToken }) => {
      methods.add(method);
      return { headers: { Authorization: `Bearer ${accessToken}` } };
    },
  };
  const { answer, undo } = await stage('dead', { server });
  answer(rotated('good'));
  const { arrivals, url } = api();
  let times = 0;
  const body = { toString: () => `asked ${(times += 1)}` } as unknown as XMLHttpRequestBodyInit;
  await send(url, { body }).ended;
  await send(url, { method: 'delete' }).ended;
  expect((await arrivals()).map((arrival) => atob(arrival.body)).slice(0, 2)).toEqual(['asked 1', 'asked 1']);
  const odd = send(url, { method: 'patch' });
  odd.xhr.abort();
  expect([...methods]).toEqual(['POST', 'DELETE', 'patch']);
  undo();
});
