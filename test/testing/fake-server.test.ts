/** The token server of the tests on its own. */
import { oauth2 } from 'holdfast';
import { json, keycloak } from 'holdfast/servers';
import { checkTokenServer, fakeServer, manualClock } from 'holdfast/testing';
import { expect, test } from 'vitest';

const API = 'https://app.example.com/api/orders';

function ask(response: Readonly<Record<string, unknown>>): Request {
  return new Request(API, { headers: { authorization: `Bearer ${String(response['access_token'])}` } });
}

test.each([
  ['oauth2', oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'app' })],
  ['keycloak', keycloak({ url: 'https://login.example.com', realm: 'shop', clientId: 'app' })],
  ['json', json({ url: '/token/refresh' })],
])('answers what %s asks: the kit finds nothing', async (_, server) => {
  const [tokenEndpoint = '', revocationEndpoint = ''] = server.endpoints;
  expect(await checkTokenServer(server, fakeServer({ tokenEndpoint, revocationEndpoint }))).toEqual([]);
});

test('its tokens live as long as it says, in real time or by a clock of the test’s', async () => {
  const clock = manualClock();
  const [real, manual] = [fakeServer({ life: 0 }), fakeServer({ clock })];
  expect((await real.answer(ask(real.login()))).status).toBe(401);
  const login = manual.login();
  expect((await manual.answer(ask(login))).status).toBe(200);
  await clock.advance(300);
  expect((await manual.answer(ask(login))).status).toBe(401);
});

test('tells in an ID token who has signed in', () => {
  const { id_token: token } = fakeServer().login('Zoë');
  const [, claims = ''] = String(token).split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: 'Zoë' });
});

test('a refresh token that is presented twice ends its sign-in, and no other', async () => {
  const server = fakeServer();
  const [ada, bob] = [server.login('ada'), server.login('bob')];
  const rotate = (token: unknown) =>
    server.answer(
      new Request('https://app.example.com/oauth/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(token) }),
      }),
    );
  const next = await (await rotate(ada['refresh_token'])).json();
  expect((await rotate(ada['refresh_token'])).status).toBe(400);
  expect((await rotate(next.refresh_token)).status).toBe(400);
  expect((await server.answer(ask(next))).status).toBe(401);
  expect((await server.answer(ask(bob))).status).toBe(200);
  expect([server.rotations(), server.reuses()]).toEqual([1, 1]);
});

test('a mistake in the test’s own API is not taken for a server that is down', async () => {
  const server = fakeServer({
    api: () => {
      throw new Error('a mistake');
    },
  });
  const { access_token: token } = server.login();
  let isAborted = false;
  const call = server.answerRoute({
    request: () => ({
      url: () => 'https://app.example.com/api/orders',
      method: () => 'GET',
      headers: () => ({ authorization: `Bearer ${String(token)}` }),
      postData: () => null,
    }),
    fulfill: () => Promise.resolve(),
    abort: async () => void (isAborted = true),
  });
  await expect(call).rejects.toThrow('a mistake');
  expect(isAborted).toBe(true);
});
