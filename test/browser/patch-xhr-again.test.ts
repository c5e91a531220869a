/** A patched XMLHttpRequest whose server wants something more of the request, not another token: a nonce in its proof. */
import { expect, test } from 'vitest';
import type { TokenServer } from '../../src/core/types.ts';
import { api, rotated, send, stage } from './patched-page.ts';

/** Puts these tokens on a request, one after the other, and says what this is of a 401. */
function scripted(tokens: string[], ...said: (boolean | 'again')[]): Partial<TokenServer> {
  return {
    attach: async () => ({ headers: { authorization: `Bearer ${tokens.shift()}` } }),
    isRefusal: ({ response }) => response.status === 401 && (said.shift() ?? false),
  };
}

const END = ['readystatechange 2 200', 'readystatechange 3 200', 'readystatechange 4 200', 'load 4 200'];

test('it is sent once more, nothing is rotated, and the page sees one request', async () => {
  const { session } = await stage('token', { server: scripted(['dead', 'good'], 'again') });
  const { arrivals, url } = api();
  const { ended, xhr } = send(url);
  expect((await ended).slice(-4)).toEqual(END);
  expect((await ended).filter((event) => event.startsWith('loadstart'))).toHaveLength(1);
  expect(xhr.status).toBe(200);
  expect((await arrivals()).map(({ body, headers }) => [headers['authorization'], atob(body)])).toEqual([
    ['Bearer dead', 'body'],
    ['Bearer good', 'body'],
  ]);
  expect(session.inspect().generation).toBe(0);
});

test('it is not sent a third time: the page sees the 401', async () => {
  await stage('token', { server: scripted(['dead', 'dead'], 'again', 'again') });
  const { arrivals, url } = api();
  const { ended, xhr } = send(url);
  await ended;
  expect(xhr.status).toBe(401);
  expect(await arrivals()).toHaveLength(2);
});

test('once with each token: four times in all, and one rotation', async () => {
  const { answer, session } = await stage('token', {
    server: scripted(['dead-1', 'dead-2', 'dead-3', 'good'], 'again', true, 'again'),
  });
  answer(rotated('next'));
  const { arrivals, url } = api();
  const { ended, xhr } = send(url);
  expect((await ended).slice(-4)).toEqual(END);
  expect(xhr.status).toBe(200);
  expect((await arrivals()).map(({ headers }) => headers['authorization'])).toEqual([
    'Bearer dead-1',
    'Bearer dead-2',
    'Bearer dead-3',
    'Bearer good',
  ]);
  expect(session.inspect().generation).toBe(1);
});
