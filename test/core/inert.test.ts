import { expect, test } from 'vitest';
import { patchFetch } from '../../src/browser/patch-fetch.ts';
import { patchXMLHttpRequest } from '../../src/browser/patch-xhr.ts';
import { createSession } from '../../src/create-session.ts';
import { openInert } from '../../src/core/inert.ts';
import type { Session, SessionOptions } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';

const server = oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' });
const options: SessionOptions = { server, resources: ['/api/', 'https://api.example.com/', 'http://intranet/api/'] };

test('on a server the state is restoring, and what waits for the session does not wait for ever', async () => {
  const session = createSession(options);
  await session.ready;
  expect(session.state).toEqual({ status: 'restoring' });
  expect(session.state).toBe(session.state);
});

test('on a server a request goes out as it came, without a token', async () => {
  const seen: unknown[][] = [];
  const answer = new Response();
  const { fetch } = openInert(options, async (...given) => {
    seen.push(given);
    return answer;
  });
  const init = { headers: { accept: 'application/json' } };
  expect(await fetch('https://api.example.com/orders', init)).toBe(answer);
  await fetch('/api/orders');
  expect(seen).toEqual([['https://api.example.com/orders', init], ['/api/orders']]);
  expect(seen[0]?.[1]).toBe(init);
});

test('on a server the fetch of the session is the platform own', async () => {
  const { fetch } = createSession(options);
  const response = await fetch('data:text/plain,hello');
  expect(await response.text()).toBe('hello');
});

test.each(['start', 'token', 'rotate'] as const)('on a server %s() says that there is no session', async (name) => {
  const session = createSession(options);
  const call = name === 'start' ? session.start({ access_token: 'access' }) : session[name]();
  await expect(call).rejects.toMatchObject({
    name: 'SessionEndedError',
    reason: 'no-page',
    message: 'There is no session on a server: only a page has one.',
  });
});

test('on a server everything else does nothing, and no listener is kept', async () => {
  const never = (): never => {
    throw new Error('A listener was called.');
  };
  const { dispose, end, inspect, on, subscribe, touch }: Session = createSession(options);
  const undos = [subscribe(never), on('ended', never)];
  touch();
  await end({ reason: 'idle' });
  for (const undo of undos) {
    undo();
    undo();
  }
  dispose();
  expect(inspect()).toMatchObject({
    state: { status: 'restoring' },
    role: 'follower',
    waiting: 0,
    missing: ['document'],
  });
});

test.each([
  ['an unknown option', { ...options, leway: 30 }, 'leway'],
  ['milliseconds', { ...options, leeway: 30_000 }, 'leeway'],
  ['no server', { resources: ['/api/'] }, 'server'],
  ['a resource with a query', { ...options, resources: ['/api/?page=1'] }, 'resources[0]'],
  ['a resource that no request can reach', { ...options, resources: ['ftp://api.example.com/'] }, 'resources[0]'],
])('on a server misuse is found as well: %s', (_, misuse, named) => {
  const open = () => createSession(misuse as SessionOptions);
  expect(open).toThrow(TypeError);
  expect(open).toThrow(named);
});

test.each([patchFetch, patchXMLHttpRequest])('on a server %s does nothing, and so does its undo', (patch) => {
  const native = globalThis.fetch;
  const undo = patch(createSession(options));
  expect(globalThis.fetch).toBe(native);
  undo();
  undo();
  expect([globalThis.fetch, 'XMLHttpRequest' in globalThis]).toEqual([native, false]);
});
