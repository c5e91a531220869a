/** Tokens bound to a key: what is proved where, which nonces are used, and what is never done without the key. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../src/core/ports.ts';
import type { SessionOptions, TokenServer } from '../../src/core/types.ts';
import { dpop, type DpopServer } from '../../src/servers/dpop.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { answerOf, CANARY, REFUSED_MEMBERS } from '../doubles/answers.ts';
import { API, boundServer } from '../doubles/bound-server.ts';
import { REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const inner = () => oauth2({ tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: REVOCATION_ENDPOINT, clientId: 'spa' });

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A machine whose servers bind tokens to keys. */
function machine() {
  const world = createWorld();
  const bound = boundServer(world.clock);
  const network = { fetch: bound.fetch, isOnline: () => true };
  const open = (
    server: TokenServer = dpop(inner()),
    options: Partial<SessionOptions> = {},
    ports: Partial<Ports> = {},
  ) => world.open({ server, resources: [`${API}/`], ...options }, { network, ...ports });
  return { world, bound, open };
}

async function signedIn(options: Partial<SessionOptions> = {}) {
  const { bound, open, world } = machine();
  const server = dpop(inner());
  const session = open(server, options);
  await session.start(await bound.login(await server.signInKey()));
  return { world, bound, open, server, session };
}

describe('a request', () => {
  test('carries the token under its own scheme, and a proof for this method, this URL, this token and this moment', async () => {
    const { bound, session, world } = await signedIn();
    await session.fetch(`${API}/orders?page=2#top`, { method: 'post', body: '{}' });
    expect(bound.arrivals).toMatchObject([{ status: 200, authorization: 'DPoP access-1' }]);
    expect(bound.arrivals[0]?.proof).toEqual({
      htm: 'POST',
      htu: `${API}/orders`,
      iat: Math.floor(world.clock.now() / 1_000),
      jti: expect.any(String),
      ath: createHash('sha256').update('access-1').digest('base64url'),
    });
  });

  test('never goes twice with one proof, replays included', async () => {
    const { bound, session } = await signedIn();
    bound.refuseAll();
    bound.wants.api = 'n1';
    await Promise.all(Array.from({ length: 20 }, () => session.fetch(`${API}/orders`)));
    const ids = bound.arrivals.map(({ proof }) => proof?.jti);
    expect(ids.length).toBeGreaterThan(40);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    ['relative to the page', '/api/orders', 'https://app.example.com/api/orders'],
    ['with a port that goes without saying', 'https://app.example.com:443/api/x', 'https://app.example.com/api/x'],
    ['with dots in it', '/api/a/../b', 'https://app.example.com/api/b'],
    ['with a blank and an umlaut', '/api/a bü', 'https://app.example.com/api/a%20b%C3%BC'],
  ])('is proved by the URL as it is sent: %s', async (_, url, htu) => {
    const { bound, session } = await signedIn({ resources: ['/api/'] });
    await session.fetch(url);
    expect(bound.arrivals).toMatchObject([{ status: 200, proof: { htu } }]);
  });

  test('is dated by the clock of the server, which is an hour ahead', async () => {
    const { bound, session } = await signedIn();
    bound.skew = 3_600_000;
    bound.wants.token = 'n1';
    await session.rotate();
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
  });

  test.each([3_600_000, -3_600_000])(
    'is dated by the refusal, where nothing else tells that the clock is %d ms off',
    async (skew) => {
      const { bound, session } = await signedIn();
      bound.skew = skew;
      expect((await session.fetch(`${API}/orders`)).status).toBe(200);
      expect((await session.fetch(`${API}/orders`)).status).toBe(200);
      expect(bound.arrivals.map(({ status }) => status)).toEqual([401, 200, 200]);
      await session.rotate();
      expect(bound.arrivals.map(({ status }) => status).slice(3)).toEqual([400, 200]);
    },
  );

  test('has one Authorization, whatever the server within calls it', async () => {
    const { bound, open } = machine();
    const server = dpop({
      ...inner(),
      attach: (_, { accessToken = '' }) => ({ headers: { AUTHORIZATION: `Bearer ${accessToken}`, 'x-tenant': 'a' } }),
    });
    const session = open(server);
    await session.start(await bound.login(await server.signInKey()));
    await session.fetch(`${API}/orders`);
    expect(bound.arrivals).toMatchObject([{ authorization: 'DPoP access-1', status: 200 }]);
  });

  test('to elsewhere carries neither token nor proof', async () => {
    const { bound, session } = await signedIn();
    await session.fetch('https://elsewhere.example.com/');
    expect(bound.arrivals).toMatchObject([{ authorization: null, proof: undefined }]);
  });
});

describe('a nonce of the API', () => {
  test('that it asks for costs one more send, once, and is in all later proofs', async () => {
    const { bound, session } = await signedIn();
    bound.wants.api = 'n1';
    expect((await session.fetch(`${API}/orders`, { method: 'POST', body: 'hello' })).status).toBe(200);
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
    expect(bound.arrivals.map(({ body, proof, status }) => [status, proof?.['nonce'], body])).toEqual([
      [401, undefined, 'hello'],
      [200, 'n1', 'hello'],
      [200, 'n1', ''],
    ]);
    expect(session.inspect().generation).toBe(0);
  });

  test('that comes with a 200 is used next', async () => {
    const { bound, session } = await signedIn();
    bound.gives.api = 'n1';
    await session.fetch(`${API}/orders`);
    bound.wants.api = 'n1';
    await session.fetch(`${API}/orders`);
    expect(bound.arrivals.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('is for its own origin, and never for the authorization server', async () => {
    const { bound, session } = await signedIn({ resources: [`${API}/`, 'https://as.example.com/api/'] });
    bound.wants.api = 'n1';
    await session.fetch(`${API}/orders`);
    await session.fetch('https://as.example.com/api/me');
    await session.rotate();
    const firsts = bound.arrivals.filter(({ proof }) => proof?.['nonce'] === undefined).map(({ url }) => url);
    expect(firsts).toEqual([`${API}/orders`, 'https://as.example.com/api/me', TOKEN_ENDPOINT]);
  });

  test('that is another one each time ends after one more send: the caller gets the 401', async () => {
    const { bound, session } = await signedIn();
    let count = 0;
    const storm = () => {
      count += 1;
      bound.instead.api = storm;
      const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': `n${count}` };
      return new Response(null, { status: 401, headers });
    };
    bound.instead.api = storm;
    const response = await session.fetch(`${API}/orders`);
    expect(response.status).toBe(401);
    expect(bound.arrivals).toHaveLength(2);
    expect(session.inspect().generation).toBe(0);
  });

  test('is asked for once more with the next token', async () => {
    const { bound, session } = await signedIn();
    bound.refuseAll();
    bound.wants.api = 'n1';
    const network = session.fetch(`${API}/orders`);
    expect((await network).status).toBe(200);
    expect(bound.arrivals.map(({ url, status }) => [url, status])).toEqual([
      [`${API}/orders`, 401],
      [`${API}/orders`, 401],
      [TOKEN_ENDPOINT, 200],
      [`${API}/orders`, 200],
    ]);
  });

  test('is seen by its header where the challenge cannot be read', async () => {
    const { bound, session } = await signedIn();
    bound.exposes = false;
    bound.wants.api = 'n1';
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
    expect(bound.arrivals).toHaveLength(2);
    // And a dead token is not taken for that.
    bound.refuseAll();
    bound.gives.api = 'n2';
    expect((await session.fetch(`${API}/orders`)).status).toBe(401);
    expect(session.inspect().generation).toBe(1);
  });

  test('cannot bring a stream back: the caller gets the answer', async () => {
    const { bound, session } = await signedIn();
    bound.wants.api = 'n1';
    const body = new Blob(['hello']).stream();
    const failure: unknown = await session
      .fetch(`${API}/orders`, { method: 'POST', body, duplex: 'half' } as RequestInit)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'BodyNotReplayableError', response: { status: 401 } });
    expect(bound.arrivals).toHaveLength(1);
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one with a quote', 'a"b'],
    ['one with a backslash', 'a\\b'],
    ['one of 5,000 letters', 'x'.repeat(5_000)],
  ])('that is %s is not used, and the caller gets the 401', async (_, nonce) => {
    const { bound, session } = await signedIn();
    bound.instead.api = () =>
      new Response(null, {
        status: 401,
        headers: {
          'www-authenticate': 'DPoP error="use_dpop_nonce"',
          ...(nonce !== undefined && { 'dpop-nonce': nonce }),
        },
      });
    expect((await session.fetch(`${API}/orders`)).status).toBe(401);
    expect(bound.arrivals).toHaveLength(1);
    expect(session.inspect().generation).toBe(0);
  });
});

describe('an answer of the API', () => {
  test.each([
    ['DPoP error="invalid_token"', true],
    ['DPoP algs="ES256"', true],
    ['Bearer error="invalid_token", DPoP algs="ES256", error="invalid_token"', true],
    ['dpop error=invalid_token', true],
    ['', true],
    ['DPoP error="insufficient_scope"', false],
    ['DPoP error="invalid_request"', false],
    ['DPoP error="invalid_dpop_proof"', false],
    ['DPoP error="use_dpop_nonce"', false],
  ])('of 401 with the challenge %j refuses the token: %j', async (challenge, isRefused) => {
    const { bound, session } = await signedIn();
    bound.instead.api = () => new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
    await session.fetch(`${API}/orders`);
    expect(session.inspect().generation).toBe(isRefused ? 1 : 0);
  });

  test('of another status is judged by the server within', () => {
    const isRefusal = vi.fn(() => true);
    const request = { url: `${API}/`, method: 'GET' };
    const response = new Response(null, { status: 403 });
    expect(dpop({ ...inner(), isRefusal }).isRefusal({ request, response })).toBe(true);
    expect(isRefusal).toHaveBeenCalledWith({ request, response });
  });
});

describe('a rotation', () => {
  test('proves the key, with neither token nor `ath`, and the next tokens are bound to the same', async () => {
    const { bound, session } = await signedIn();
    await session.rotate();
    await session.rotate().catch(() => undefined);
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
    const [rotation] = bound.arrivals;
    expect(rotation).toMatchObject({ url: TOKEN_ENDPOINT, authorization: null, status: 200 });
    expect(Object.keys(rotation?.proof ?? {}).toSorted()).toEqual(['htm', 'htu', 'iat', 'jti']);
  });

  test('is sent once more with the nonce that the server wants, which stands in the first proof of the next', async () => {
    const { bound, session, world } = await signedIn();
    bound.wants.token = 'n1';
    await session.rotate();
    await world.clock.advance(20);
    await session.rotate();
    expect(bound.arrivals.map(({ proof, status }) => [status, proof?.['nonce']])).toEqual([
      [400, undefined],
      [200, 'n1'],
      [200, 'n1'],
    ]);
    expect(session.inspect().attempt).toBeUndefined();
  });

  test('takes the nonce of a 200', async () => {
    const { bound, session, world } = await signedIn();
    bound.gives.token = 'n1';
    await session.rotate();
    bound.wants.token = 'n1';
    await world.clock.advance(20);
    await session.rotate();
    expect(bound.arrivals.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('whose nonces are all too old is held back after two, and the session lives', async () => {
    const { bound, session } = await signedIn();
    let count = 0;
    bound.instead.token = () => {
      count += 1;
      const answer = Response.json(
        { error: 'use_dpop_nonce' },
        { status: 400, headers: { 'dpop-nonce': `m${count}` } },
      );
      bound.wants.token = 'another';
      return answer;
    };
    await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError', permanent: false });
    expect(bound.arrivals.map(({ status }) => status)).toEqual([400, 400]);
    expect(session.state.status).toBe('stale');
  });

  test('that brings bearer tokens is refused, and they are not used', async () => {
    const { bound, session } = await signedIn();
    bound.tokenType = 'Bearer';
    await expect(session.rotate()).rejects.toMatchObject({
      name: 'RotationError',
      cause: new TypeError('token_type must be DPoP.'),
    });
    await session.fetch(`${API}/orders`);
    expect(bound.arrivals.at(-1)).toMatchObject({ authorization: 'DPoP access-1' });
  });

  test.each([
    ['no tokens', '{}'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a page', '<h1>'],
    ['nothing', ''],
    ['a token type of null', '{"access_token":"a","token_type":null}'],
    ['an answer of two mebibytes', `"${'x'.repeat(2_097_152)}"`],
  ])('that brings %s is no usable answer', async (_, text) => {
    const { bound, session } = await signedIn();
    bound.instead.token = () => new Response(text);
    await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError', permanent: false });
    expect(session.state.status).toBe('stale');
  });

  test.each([
    ['invalid_grant', 400, 'rejected'],
    ['invalid_dpop_proof', 400, 'misconfigured'],
    ['invalid_client', 401, 'misconfigured'],
    ['temporarily_unavailable', 503, 'unknown'],
  ])('that is answered %s is what it is without DPoP', async (error, status, outcome) => {
    const { server } = await signedIn();
    const key = await server.signInKey();
    const context = {
      signal: new AbortController().signal,
      now: () => 0,
      fetch: async () => Response.json({ error }, { status }),
    };
    expect(await server.rotate({ refreshToken: 'r', key }, context)).toMatchObject({ outcome });
  });
});

describe('the key', () => {
  test('cannot be read out', async () => {
    const { privateKey } = await dpop(inner()).signInKey();
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow();
  });

  test('is another one for each sign-in, and the same until the sign-in has taken it', async () => {
    const { bound, server, session } = await signedIn();
    const [next, again] = await Promise.all([server.signInKey(), server.signInKey()]);
    expect(again).toBe(next);
    await session.start(await bound.login(next));
    expect(await server.signInKey()).not.toBe(next);
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
  });

  test('may be the app’s own, kept while the user was at the authorization server', async () => {
    const { bound, open } = machine();
    const key = await dpop(inner()).signInKey();
    const server = dpop(inner());
    expect(await server.signInKey(key)).toBe(key);
    const session = open(server);
    await session.start(await bound.login(key));
    expect((await session.fetch(`${API}/orders`)).status).toBe(200);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['extractable', () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])],
    ['on another curve', () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign'])],
    ['no pair', async () => (await dpop(inner()).signInKey()).privateKey],
    ['null', async () => null],
    ['for agreement', () => crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveKey'])],
  ])('may not be %s', async (_, make) => {
    const given = await make();
    const { signInKey } = dpop(inner());
    await expect(Reflect.apply(signInKey, undefined, [given])).rejects.toThrow(TypeError);
  });

  test('lies in the record beside the tokens, in all generations, and goes with them at sign-out', async () => {
    const { session, world } = await signedIn();
    expect(await world.vault.read()).toMatchObject({ key: { privateKey: expect.any(CryptoKey) } });
    await session.rotate();
    expect(await world.vault.read()).toMatchObject({ generation: 1, key: { privateKey: expect.any(CryptoKey) } });
    await session.end();
    const record = await world.vault.read();
    expect(record).toMatchObject({ ended: 'signed-out' });
    expect(record?.key).toBeUndefined();
  });

  test('goes with the session however that ends', async () => {
    const { bound, session, world } = await signedIn();
    bound.instead.token = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
    await session.rotate().catch(() => undefined);
    expect(session.state).toEqual({ status: 'ended', reason: 'rejected' });
    expect((await world.vault.read())?.key).toBeUndefined();
  });

  test('is there after a reload, and in every tab, without a login', async () => {
    const { bound, open, session } = await signedIn();
    const other = open();
    await other.ready;
    session.dispose();
    const reloaded = open();
    await reloaded.ready;
    await reloaded.rotate();
    for (const tab of [other, reloaded]) expect((await tab.fetch(`${API}/orders`)).status).toBe(200);
    expect(bound.arrivals.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('is there where no token is ever on disk, and a tab gets those from another', async () => {
    const { bound, open } = machine();
    const seal = { seal: async () => undefined, open: async () => '' };
    const server = dpop(inner());
    const session = open(server, {}, { seal });
    await session.start(await bound.login(await server.signInKey()));
    const other = open(dpop(inner()), {}, { seal });
    await other.ready;
    expect((await other.fetch(`${API}/orders`)).status).toBe(200);
    await other.rotate();
    await settle();
    for (const tab of [other, session]) expect((await tab.fetch(`${API}/orders`)).status).toBe(200);
    expect(session.inspect().generation).toBe(1);
  });

  test.each([
    ['there is none, as in a session from before the app used dpop', undefined],
    ['it is something else', { privateKey: 'a', publicKey: 'b' } as unknown as CryptoKeyPair],
  ])(
    'is never done without: where %s, a request goes as nobody’s, and its refusal ends the session',
    async (_, key) => {
      const { bound, open, session, world } = await signedIn();
      session.dispose();
      await world.vault.update((record) => record && { ...record, key });
      const other = open();
      await other.ready;
      await expect(other.fetch(`${API}/orders`)).rejects.toMatchObject({
        name: 'SessionEndedError',
        reason: 'rejected',
      });
      expect(bound.arrivals).toMatchObject([{ url: `${API}/orders`, authorization: null, proof: undefined }]);
    },
  );
});

describe('a sign-in', () => {
  test('of tokens that no key was asked for is refused, whatever they say', async () => {
    const { bound, open } = machine();
    const key = await dpop(inner()).signInKey();
    await expect(open().start(await bound.login(key))).rejects.toThrow('signInFetch');
  });

  test.each(['Bearer', 'bearer', 'N_A', '', null, undefined, ['DPoP'], 7])(
    'with token_type %j is refused',
    async (type) => {
      const { bound, open } = machine();
      const server = dpop(inner());
      const answer = await bound.login(await server.signInKey(), { token_type: type });
      await expect(open(server).start(answer)).rejects.toThrow('token_type must be DPoP.');
    },
  );

  test.each(['DPoP', 'dpop', 'DPOP'])('takes %s in any case', async (type) => {
    const { bound, open } = machine();
    const server = dpop(inner());
    await open(server).start(await bound.login(await server.signInKey(), { token_type: type }));
  });

  test.each(REFUSED_MEMBERS.filter(([, field]) => field !== 'token_type'))(
    'with %s is refused',
    async (_, field, literal) => {
      const server = dpop(inner());
      await server.signInKey();
      const answer = answerOf({ token_type: '"DPoP"', [field]: literal });
      expect(() => server.readTokens(answer)).toThrow(field);
      expect(() => server.readTokens(answer)).not.toThrow(CANARY);
    },
  );

  test('proves its key to the token endpoint, answers a demand for a nonce, and leaves nothing behind', async () => {
    const { bound, open } = machine();
    vi.stubGlobal('fetch', bound.fetch);
    const server = dpop(inner());
    const key = await server.signInKey();
    const { refresh_token } = await bound.login(key);
    bound.wants.token = 'n1';
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(refresh_token) });
    const answer = await server.signInFetch(TOKEN_ENDPOINT, { method: 'POST', body });
    const session = open(server);
    await session.start(await answer.json());
    await session.rotate();
    expect(bound.arrivals.map(({ proof, status }) => [status, proof?.['nonce']])).toEqual([
      [400, undefined],
      [200, 'n1'],
      [200, 'n1'],
    ]);
  });
});

test('a sign-in is proven by the method as fetch sends it', async () => {
  const { bound } = machine();
  vi.stubGlobal('fetch', bound.fetch);
  await dpop(inner()).signInFetch(TOKEN_ENDPOINT, { method: 'post', body: new URLSearchParams() });
  expect(bound.arrivals.map(({ proof }) => proof?.['htm'])).toEqual(['POST', 'POST']);
});

test('a sign-in with a clock that is an hour off is dated once more by the answer', async () => {
  const { bound } = machine();
  vi.stubGlobal('fetch', bound.fetch);
  // This machine's clock is not the double's: whatever it says is wrong.
  const server = dpop(inner());
  const { refresh_token } = await bound.login(await server.signInKey());
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(refresh_token) });
  expect((await server.signInFetch(TOKEN_ENDPOINT, { method: 'POST', body })).status).toBe(200);
  expect(bound.arrivals.map(({ status }) => status)).toEqual([400, 200]);
});

describe('without crypto.subtle', () => {
  const insecure = () => vi.stubGlobal('crypto', { getRandomValues: () => {} });

  test('no key is made, and an error says why', async () => {
    insecure();
    const server = dpop(inner());
    await expect(server.signInKey()).rejects.toThrow('crypto.subtle');
    await expect(server.signInFetch(TOKEN_ENDPOINT)).rejects.toThrow('crypto.subtle');
  });

  test('nothing goes out, neither with a bearer token nor without, and the session lives', async () => {
    const { bound, session } = await signedIn();
    insecure();
    await expect(session.fetch(`${API}/orders`)).rejects.toThrow('crypto.subtle');
    await expect(session.rotate()).rejects.toMatchObject({
      name: 'RotationError',
      permanent: false,
      cause: expect.objectContaining({ message: expect.stringContaining('crypto.subtle') }),
    });
    expect(bound.arrivals).toEqual([]);
    expect(session.state.status).toBe('stale');
  });
});

test.each([undefined, null, 7, 'https://as.example.com/token', {}])('dpop(%j) is a TypeError', (server) => {
  expect(() => Reflect.apply(dpop, undefined, [server]) as unknown).toThrow(TypeError);
});

test('the types refuse what is no token server, and keys of which there is no private half', async () => {
  const server: DpopServer = dpop(inner());
  // @ts-expect-error The options of a server are not the server.
  expect(() => dpop({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' })).toThrow(TypeError);
  const { publicKey } = await server.signInKey();
  // @ts-expect-error A public key proves nothing.
  await expect(server.signInKey(publicKey)).rejects.toThrow(TypeError);
  await settle();
});
