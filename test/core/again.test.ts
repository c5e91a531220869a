/** Requests that are to be sent once more with the same token, because their server says so. */
import { expect, test } from 'vitest';
import type { TokenServer } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const inner = oauth2({ tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: REVOCATION_ENDPOINT, clientId: 'spa' });

/** Somebody who is signed in at a server that says these things of answers, one after the other. */
async function signedIn(said: (boolean | 'again')[], changes: Partial<TokenServer> = {}) {
  const world = createWorld();
  const server: TokenServer = { ...inner, isRefusal: () => said.shift() ?? false, ...changes };
  const session = world.open({ server });
  await session.start(world.server.login());
  return { session, world, tokens: () => world.server.calls.map(({ authorization }) => authorization) };
}

const FIRST = 'Bearer access-1';
const SECOND = 'Bearer access-2';

test.each<[claim: string, said: (boolean | 'again')[], sent: string[]]>([
  ['once', ['again'], [FIRST, FIRST]],
  ['not a third time', ['again', 'again', 'again'], [FIRST, FIRST]],
  ['and then with the next token, where it is refused', ['again', true], [FIRST, FIRST, SECOND]],
  ['with the next token, once more', [true, 'again', 'again'], [FIRST, SECOND, SECOND]],
  ['with either token', ['again', true, 'again', 'again'], [FIRST, FIRST, SECOND, SECOND]],
  ['and not after a second refusal', [true, true, 'again'], [FIRST, SECOND]],
])('it is sent again %s', async (_, said, sent) => {
  const { session, tokens } = await signedIn(said);
  expect((await session.fetch('/api/orders', { method: 'POST', body: 'x' })).status).toBe(200);
  expect(tokens()).toEqual(sent);
});

test('a server may take its time to say so', async () => {
  const said: ('again' | false)[] = ['again', false];
  const { session, tokens } = await signedIn([], { isRefusal: async () => said.shift() ?? false });
  await session.fetch('/api/orders');
  expect(tokens()).toEqual([FIRST, FIRST]);
});

test('once somebody has signed out it is not sent again', async () => {
  let sign = () => {};
  let count = 0;
  const { session, tokens } = await signedIn(['again'], {
    attach: async (request, given) => {
      count += 1;
      if (count === 2) await new Promise<void>((resolve) => (sign = resolve));
      return inner.attach(request, given);
    },
  });
  const call = session.fetch('/api/orders');
  while (count < 2) await settle();
  const outcome = expect(call).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'signed-out' });
  await session.end();
  sign();
  await outcome;
  expect(tokens()).toEqual([FIRST]);
});

test('each time the server is told the time by its own clock, and what the URL is relative to', async () => {
  const told: unknown[] = [];
  const { session, world } = await signedIn(['again'], {
    attach: (request, tokens, now) => {
      told.push([request, now]);
      return inner.attach(request, tokens);
    },
  });
  const hour = 3_600_000;
  world.server.fault = (answer) => {
    const { body, headers } = answer();
    headers.set('date', new Date(world.clock.now() + hour).toUTCString());
    return new Response(body, { headers });
  };
  await session.rotate();
  await session.fetch('/api/orders');
  const request = { url: '/api/orders', base: 'https://app.example.com/', method: 'GET' };
  expect(told).toEqual([
    [request, world.clock.now() + hour],
    [request, world.clock.now() + hour],
  ]);
});

test('tokens that come with the answer to a second send are adopted like any', async () => {
  const { session, world } = await signedIn([true], {
    adopt: (response, tokens) =>
      response.status === 200 && tokens.accessToken === 'access-2' ? { ...tokens, accessToken: 'pushed' } : undefined,
  });
  await session.fetch('/api/orders');
  await settle();
  expect(await session.token()).toBe('pushed');
  expect(world.server.rotations()).toBe(1);
});
