/** The patched XMLHttpRequest: which requests carry the token, and what becomes of those that wait. */
import { expect, test, vi } from 'vitest';
import type { TokenServer } from '../../src/core/types.ts';
import { api, rotated, send, stage, tokensOf } from './patched-page.ts';

const whole = [
  'readystatechange 1 0',
  'loadstart 1 0',
  'readystatechange 2 200',
  'readystatechange 3 200',
  'readystatechange 4 200',
  'load 4 200',
];

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

test('the caller’s own header wins over one of ours of the same name', async () => {
  const server: Partial<TokenServer> = { attach: () => ({ headers: { 'X-Token': 'ours' } }) };
  const { undo } = await stage('good', { server });
  const { arrivals, url } = api();
  const prepare = (xhr: XMLHttpRequest) => {
    xhr.setRequestHeader('x-token', 'theirs');
    xhr.setRequestHeader('x-own', 'kept');
  };
  expect(await send(url, { prepare }).ended).toEqual(whole);
  expect((await arrivals())[0]?.headers).toMatchObject({ 'x-token': 'theirs', 'x-own': 'kept' });
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
  const slow = send(`${api().url}&answer=hang`, { prepare: (xhr) => void (xhr.timeout = 800) });
  setTimeout(() => answer(rotated('good')), 700);
  expect((await slow.ended).at(-1)).toBe('timeout 4 0');
  expect(slow.xhr.timeout).toBe(800);
  // Counted from when it was sent, it would be 1,500.
  expect(performance.now() - began).toBeLessThan(1_400);
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
