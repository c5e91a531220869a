/** The OAuth 2.0 server: what it sends, what it keeps, and what it takes for options. */
import { describe, expect, test } from 'vitest';
import { createScope } from '../../src/core/scope.ts';
import type { Tokens } from '../../src/core/types.ts';
import { oauth2, type OAuth2Options } from '../../src/servers/oauth2.ts';
import { answerOf, answerText, CANARY } from '../doubles/answers.ts';
import { formOf, recordingContext } from '../doubles/server-context.ts';
import { ORIGIN, REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const OPTIONS: OAuth2Options = {
  tokenEndpoint: TOKEN_ENDPOINT,
  revocationEndpoint: REVOCATION_ENDPOINT,
  clientId: 'spa',
};
const TOKENS: Tokens = { accessToken: 'access-0', refreshToken: 'refresh-0' };

describe('a rotation', () => {
  test('sends a form and nothing else: the refresh token stands in the body only', async () => {
    const { context: given, sent } = recordingContext();
    await oauth2(OPTIONS).rotate(TOKENS, given);
    expect(sent).toEqual([
      {
        url: TOKEN_ENDPOINT,
        init: { method: 'POST', headers: { accept: 'application/json' }, body: expect.any(URLSearchParams) },
      },
    ]);
    expect(sent.flatMap(formOf)).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', 'refresh-0'],
      ['client_id', 'spa'],
    ]);
  });

  test('is a form to the platform as well', async () => {
    const { context: given, sent } = recordingContext();
    await oauth2(OPTIONS).rotate(TOKENS, given);
    const request = new Request(TOKEN_ENDPOINT, sent[0]?.init);
    expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded;charset=UTF-8');
    expect(request.headers.has('authorization')).toBe(false);
    expect(await request.text()).toBe('grant_type=refresh_token&refresh_token=refresh-0&client_id=spa');
  });

  test.each(['a b', 'a+b', 'a&client_id=evil', 'a=b', '%26', '"#?/'])(
    'keeps a refresh token of %j whole',
    async (refreshToken) => {
      const { context: given, sent } = recordingContext();
      await oauth2(OPTIONS).rotate({ refreshToken }, given);
      const form = new URLSearchParams(await new Request(TOKEN_ENDPOINT, sent[0]?.init).text());
      expect(form.getAll('refresh_token')).toEqual([refreshToken]);
      expect(form.getAll('client_id')).toEqual(['spa']);
    },
  );

  test('asks for no scope: RFC 6749 section 6 then means the scope that was granted', async () => {
    const { context: given, sent } = recordingContext();
    await oauth2(OPTIONS).rotate({ ...TOKENS, scope: 'a b' }, given);
    expect(sent.flatMap(formOf).map(([name]) => name)).not.toContain('scope');
  });

  test('without a refresh token sends nothing', async () => {
    const { context: given, sent } = recordingContext();
    expect(await oauth2(OPTIONS).rotate({ accessToken: 'a' }, given)).toEqual({ outcome: 'rejected' });
    expect(sent).toEqual([]);
  });

  test('leaves the session as somebody who has nothing to steal: no cookies, no cache, no referrer, no redirect', async () => {
    const world = createWorld();
    const session = world.open();
    await session.start(world.server.login());
    await session.rotate();
    expect(world.server.sent).toHaveLength(1);
    expect(world.server.sent[0]).toMatchObject({
      url: TOKEN_ENDPOINT,
      init: {
        method: 'POST',
        credentials: 'omit',
        redirect: 'error',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        keepalive: false,
        signal: expect.any(AbortSignal),
      },
    });
    expect(world.server.sent.flatMap(formOf)).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', 'refresh-1'],
      ['client_id', 'spa'],
    ]);
  });

  test('carries the token of no header and no cookie to the token endpoint, though it lie inside the resources', async () => {
    const world = createWorld();
    const session = world.open({ resources: ['https://as.example.com/'] });
    await session.start(world.server.login());
    const seen: (string | null)[] = [];
    const native = world.server.fetch;
    const inside = world.open(
      { resources: ['https://as.example.com/'] },
      {
        network: {
          isOnline: () => true,
          fetch: async (input, init) => {
            seen.push(new Headers(init?.headers).get('authorization'));
            return native(input, init);
          },
        },
      },
    );
    await inside.ready;
    await inside.fetch(TOKEN_ENDPOINT, { method: 'POST', body: 'grant_type=x' });
    await inside.fetch(`${REVOCATION_ENDPOINT}?a=b`, { method: 'POST', body: 'token=x' });
    await inside.fetch('https://as.example.com/userinfo');
    expect(seen).toEqual([null, null, 'Bearer access-1']);
  });
});

describe('the refresh token, also after a reload,', () => {
  /** What the sessions of one browser present, one rotation each. */
  async function presented(answers: readonly Record<string, string | undefined>[], reloads: boolean) {
    const world = createWorld();
    let session = world.open({ keepAlive: 'demand' });
    await session.start(answerOf({ access_token: '"access-0"', refresh_token: '"refresh-0"' }));
    for (const changes of answers) {
      world.server.fault = () => new Response(answerText(changes));
      if (reloads) {
        session.dispose();
        session = world.open({ keepAlive: 'demand' });
        await session.ready;
      }
      await session.rotate();
      await world.clock.advance(10);
    }
    return world.server.sent.map((each) => Object.fromEntries(formOf(each))['refresh_token']);
  }

  test.each([
    ['a living page', false],
    ['reloads in between', true],
  ])('is replaced where the answer has one, and kept where it has none: %s', async (_, reloads) => {
    const answers = [
      { refresh_token: '"refresh-1"' },
      { refresh_token: undefined },
      { refresh_token: '""' },
      { refresh_token: '"refresh-2"' },
      { refresh_token: '"refresh-2"' },
      {},
    ];
    expect(await presented(answers, reloads)).toEqual([
      'refresh-0',
      'refresh-1',
      'refresh-1',
      'refresh-1',
      'refresh-2',
      'refresh-2',
    ]);
  });

  test('is never presented again once it was replaced, whatever the page', async () => {
    const answers = Array.from({ length: 8 }, (_, index) => ({ refresh_token: `"r${index}"` }));
    const all = await presented(answers, true);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a login without a refresh token', () => {
  test('lasts as long as its access token, and asks the server nothing', async () => {
    const world = createWorld();
    const session = world.open();
    const { access_token, expires_in, token_type } = world.server.login();
    await session.start({ access_token, expires_in, token_type });
    await world.clock.advance(299);
    expect(session.state.status).not.toBe('ended');
    expect((await session.fetch('/api/orders')).status).toBe(200);
    await world.clock.advance(1);
    expect(session.state).toEqual({ status: 'ended', reason: 'expired' });
    expect(world.server.sent).toEqual([]);
  });
});

describe('a revocation', () => {
  test('sends the refresh token and its hint in a form', async () => {
    const { context: given, sent } = recordingContext(() => new Response(null));
    await oauth2(OPTIONS).revoke?.(TOKENS, given);
    expect(sent).toEqual([
      {
        url: REVOCATION_ENDPOINT,
        init: { method: 'POST', headers: { accept: 'application/json' }, body: expect.any(URLSearchParams) },
      },
    ]);
    expect(sent.flatMap(formOf)).toEqual([
      ['token', 'refresh-0'],
      ['token_type_hint', 'refresh_token'],
      ['client_id', 'spa'],
    ]);
  });

  test('sends the access token where there is no other', async () => {
    const { context: given, sent } = recordingContext(() => new Response(null));
    await oauth2(OPTIONS).revoke?.({ accessToken: 'access-0' }, given);
    expect(sent.flatMap(formOf)).toEqual([
      ['token', 'access-0'],
      ['token_type_hint', 'access_token'],
      ['client_id', 'spa'],
    ]);
  });

  test('sends nothing without an endpoint, and nothing without a token', async () => {
    const { context: given, sent } = recordingContext();
    await oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' }).revoke?.(TOKENS, given);
    await oauth2(OPTIONS).revoke?.({}, given);
    expect(sent).toEqual([]);
  });

  test('goes out at sign-out as the page may be leaving: without cookies, cache, referrer or redirect, and with keepalive', async () => {
    const world = createWorld();
    const session = world.open();
    await session.start(world.server.login());
    await session.end();
    await settle();
    expect(world.server.revoked).toEqual(['refresh-1']);
    expect(world.server.sent[0]).toMatchObject({
      url: REVOCATION_ENDPOINT,
      init: {
        method: 'POST',
        credentials: 'omit',
        redirect: 'error',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        keepalive: true,
      },
    });
  });

  test.each<[claim: string, answer: () => Response | Promise<Response>]>([
    ['is refused', () => Response.json({ error: 'unsupported_token_type' }, { status: 400 })],
    ['meets a server in trouble', () => new Response('down', { status: 503 })],
    ['cannot be sent', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['is never answered', () => new Promise(() => undefined)],
  ])('that %s is sent once, and the sign-out is over all the same', async (_, answer) => {
    const world = createWorld();
    let sends = 0;
    const session = world.open(
      {},
      {
        network: {
          isOnline: () => true,
          fetch: async (input, init) => {
            if (String(input) !== REVOCATION_ENDPOINT) return world.server.fetch(input, init);
            sends += 1;
            return answer();
          },
        },
      },
    );
    await session.start(world.server.login());
    await session.end();
    expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
    await world.clock.advance(120);
    expect(sends).toBe(1);
    expect(JSON.stringify(world.logs)).not.toContain('refresh-1');
  });
});

describe('options', () => {
  const withOptions = (options: Record<string, unknown>) => () =>
    Reflect.apply(oauth2, undefined, [{ ...OPTIONS, ...options }]);

  test.each<[name: string, value: unknown]>([
    ...['tokenEndpoint', 'clientId', 'revocationEndpoint'].flatMap((name) =>
      ['', null, 7, true, {}, ['https://as.example.com/'], new URL('https://as.example.com/'), () => ''].map(
        (value): [string, unknown] => [name, value],
      ),
    ),
    ['tokenEndpoint', undefined],
    ['clientId', undefined],
    ...['60', null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, true, {}, [60], 1n].map((value): [string, unknown] => [
      'defaultLife',
      value,
    ]),
    ['defaultLife', 86_400_000],
    ['defaultLife', 1e300],
    ['lostAnswer', null],
    ['lostAnswer', 'resend'],
    ['lostAnswer', ['probe']],
    ['lostAnswer.resends', { resends: '1' }],
    ['lostAnswer.within', { within: -1 }],
  ])('%s of the wrong kind is a TypeError that names it: %s', (name, value) => {
    const make = withOptions({ [name.split('.')[0] ?? '']: value });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`\\b${name}\\b`));
    expect(make).not.toThrow(CANARY);
  });

  test.each(['tokenEndPoint', 'clientSecret', 'scope', 'redirectUri', 'token_endpoint', '__proto__'])(
    '%s is unknown, and a TypeError names it',
    (name) => {
      const options = Object.assign(JSON.parse(`{${JSON.stringify(name)}:"${CANARY}"}`), OPTIONS);
      expect(() => oauth2(options)).toThrow(TypeError);
      expect(() => oauth2(options)).toThrow(JSON.stringify(name));
      expect(() => oauth2(options)).not.toThrow(CANARY);
    },
  );

  test.each([undefined, null, 'https://as.example.com/token', 7, []])('%j is no options at all', (options) => {
    const make = () => Reflect.apply(oauth2, undefined, [options]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^oauth2/);
  });

  test('of a polluted Object.prototype are not taken', async () => {
    const polluted = {
      revocationEndpoint: 'https://evil.com/',
      tokenEndpoint: 'https://evil.com/',
      clientId: 'evil',
      defaultLife: 7,
      lostAnswer: 'end',
    };
    try {
      for (const [name, value] of Object.entries(polluted))
        Object.defineProperty(Object.prototype, name, { value, configurable: true });
      const server = oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' });
      expect(server.endpoints).toEqual([TOKEN_ENDPOINT]);
      expect(server.lostAnswer).toEqual({});
      expect(server.readTokens(answerOf({ expires_in: undefined })).life).toBeUndefined();
      const { context: given, sent } = recordingContext();
      await server.revoke?.(TOKENS, given);
      expect(sent).toEqual([]);
      expect(() => Reflect.apply(oauth2, undefined, [{ clientId: 'spa' }])).toThrow('tokenEndpoint');
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  test('have their documented defaults', () => {
    const server = oauth2({ tokenEndpoint: '/token', clientId: 'spa' });
    expect(server.endpoints).toEqual(['/token']);
    expect(server.lostAnswer).toEqual({});
    expect(server.keepalive ?? false).toBe(false);
    expect(server.readTokens(answerOf({ expires_in: undefined })).life).toBeUndefined();
  });

  test('are taken: a default life in seconds, a rule for lost answers, both endpoints', () => {
    const server = oauth2({ ...OPTIONS, defaultLife: 0.5, lostAnswer: { resends: 1, within: 30 } });
    expect(server.endpoints).toEqual([TOKEN_ENDPOINT, REVOCATION_ENDPOINT]);
    expect(server.lostAnswer).toEqual({ resends: 1, within: 30 });
    expect(server.readTokens(answerOf({ expires_in: undefined })).life).toBe(500);
    expect(oauth2({ ...OPTIONS, lostAnswer: 'end' }).lostAnswer).toBe('end');
  });
});

describe('an endpoint', () => {
  const page = { base: () => `${ORIGIN}/`, origin: ORIGIN };
  const openWith =
    (tokenEndpoint: string, revocationEndpoint = tokenEndpoint) =>
    () =>
      createScope({
        resources: [],
        except: [],
        server: oauth2({ tokenEndpoint, revocationEndpoint, clientId: 'spa' }),
        page,
      });

  test.each([
    ['https', 'https://as.example.com/token'],
    ['a path of the page', '/oauth/token'],
    ['loopback', 'http://127.0.0.1:3000/token'],
    ['localhost', 'http://localhost:3000/token'],
    ['one with a query, as RFC 6749 section 3.2 allows', 'https://login.example.com/token?p=B2C_1_signin'],
    ['the very host of the page', `${ORIGIN}/token`],
  ])('may be %s', (_, url) => {
    expect(openWith(url)).not.toThrow();
    expect(openWith(TOKEN_ENDPOINT, url)).not.toThrow();
  });

  test.each([
    ['in the clear on another host', 'http://as.example.com/token'],
    ['of another scheme', 'ftp://as.example.com/token'],
    ['a script', 'javascript:alert(1)'],
    ['a blob of the page', 'blob:https://app.example.com/0'],
    ['with credentials in it', 'https://spa:secret@as.example.com/token'],
    ['with a fragment, which RFC 6749 section 3.2 forbids', 'https://as.example.com/token#x'],
    ['no URL', 'https://['],
  ])('may not be %s: a TypeError names it', (_, url) => {
    expect(openWith(url)).toThrow(TypeError);
    expect(openWith(url)).toThrow('server.endpoints[0]');
    expect(openWith(TOKEN_ENDPOINT, url)).toThrow('server.endpoints[1]');
    expect(openWith(url)).not.toThrow('secret');
  });
});

describe('an answer of the API is a refusal', () => {
  test('when it is 401 for the bearer scheme, and not when more rights are asked for', () => {
    const { isRefusal } = oauth2(OPTIONS);
    const request = { url: `${ORIGIN}/api/`, method: 'GET' };
    const answer = (status: number, challenge: string) =>
      new Response(null, { status, headers: { 'www-authenticate': challenge } });
    expect(isRefusal({ request, response: answer(401, 'DPoP algs="ES256", Bearer error="invalid_token"') })).toBe(true);
    expect(isRefusal({ request, response: answer(401, 'Bearer error="insufficient_scope"') })).toBe(false);
    expect(isRefusal({ request, response: answer(403, 'Bearer error="insufficient_scope"') })).toBe(false);
  });
});

test('a request gets the token as a bearer token in a header, or no header where there is none', () => {
  const { attach } = oauth2(OPTIONS);
  const request = { url: `${ORIGIN}/api/`, method: 'GET' };
  expect(attach(request, TOKENS)).toEqual({ headers: { authorization: 'Bearer access-0' } });
  expect(attach(request, {})).toEqual({ headers: {} });
});
