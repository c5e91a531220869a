/** STACKIT's key flow: what is signed and sent, what comes of the answers, and when, by the timeline of those who lost tokens to it. */
import { decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, type CryptoKey as JoseKey } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ServerContext, Tokens } from '../../src/core/types.ts';
import { stackit, type StackitOptions } from '../../src/servers/stackit.ts';
import { answerOf, answerText } from '../doubles/answers.ts';
import { TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const CLAIMS = { iss: 'robot@sa.stackit.cloud', sub: 'b0d7', aud: 'https://stackit.example.com' };
const ASSERTION = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const MINUTE = 60_000;
let privateKey: JoseKey;
let publicKey: JoseKey;
let options: StackitOptions;

beforeAll(async () => {
  ({ privateKey, publicKey } = await generateKeyPair('RS512'));
  options = { tokenUrl: TOKEN_ENDPOINT, key: privateKey, kid: 'key-1', claims: CLAIMS };
});

/** Records what is sent, and gives those answers one after the other. */
function context(...answers: readonly (() => Response)[]) {
  const sent: { url: string; init: RequestInit }[] = [];
  const given: ServerContext = {
    signal: new AbortController().signal,
    now: () => Date.UTC(2026, 0, 1),
    fetch: async (input, init = {}) => {
      sent.push({ url: String(input), init });
      return answers[sent.length - 1]?.() ?? new Response(answerText());
    },
  };
  return {
    given,
    sent,
    forms: () => sent.map(({ init }) => Object.fromEntries(new URLSearchParams(String(init.body)))),
  };
}

const refuse =
  (code: string, status = 400) =>
  () =>
    Response.json({ error: code }, { status });

describe('an assertion', () => {
  test('is a form with the grant type of RFC 7523 and the signed token, and nothing else', async () => {
    const { forms, given, sent } = context();
    const outcome = await stackit(options).rotate({}, given);
    expect(sent).toEqual([
      {
        url: TOKEN_ENDPOINT,
        init: { method: 'POST', headers: { accept: 'application/json' }, body: expect.any(URLSearchParams) },
      },
    ]);
    expect(forms()).toEqual([{ grant_type: ASSERTION, assertion: expect.any(String) }]);
    expect(outcome).toMatchObject({ outcome: 'rotated', tokens: { isFinal: false } });
  });

  test('is signed with the key, names it, and says who, for whom, when and until when by the clock of the server', async () => {
    const { forms, given } = context();
    await stackit(options).rotate({}, given);
    const assertion = forms()[0]?.['assertion'] ?? '';
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, { currentDate: new Date(given.now()) });
    const seconds = given.now() / 1_000;
    expect(protectedHeader).toEqual({ alg: 'RS512', typ: 'JWT', kid: 'key-1' });
    expect(payload).toEqual({ ...CLAIMS, jti: expect.any(String), iat: seconds, exp: seconds + 600 });
  });

  test('is never the same twice: each has an id of its own', async () => {
    const { forms, given } = context();
    const server = stackit(options);
    for (let times = 0; times < 5; times += 1) await server.rotate({}, given);
    expect(new Set(forms().map(({ assertion = '' }) => decodeJwt(assertion).jti)).size).toBe(5);
  });

  test.each(['RS256', 'RS384', 'PS256', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519'])(
    'is made by the algorithm of the key: %s',
    async (alg) => {
      const pair = await generateKeyPair(alg);
      const { forms, given } = context();
      await stackit({ tokenUrl: TOKEN_ENDPOINT, key: pair.privateKey, claims: CLAIMS }).rotate({}, given);
      const assertion = forms()[0]?.['assertion'] ?? '';
      expect(decodeProtectedHeader(assertion)).toEqual({ alg, typ: 'JWT' });
      await jwtVerify(assertion, pair.publicKey, { currentDate: new Date(given.now()) });
    },
  );
});

test.each([0, 1_200, -1_200])(
  'a clock that is %d s ahead of the server’s is set right by its refusal',
  async (ahead) => {
    const { privateKey: key, publicKey: its } = await generateKeyPair('ES256');
    const { forms, given } = context();
    const date = new Date(given.now() - ahead * 1_000);
    const checking: ServerContext = {
      ...given,
      fetch: async (input, init) => {
        const answer = await given.fetch(input, init);
        const isGood = await jwtVerify(forms().at(-1)?.['assertion'] ?? '', its, {
          currentDate: date,
          clockTolerance: 60,
          maxTokenAge: 600,
        }).then(Boolean, () => false);
        const headers = { date: date.toUTCString() };
        return isGood
          ? new Response(answer.body, { headers })
          : Response.json({ error: 'invalid_grant' }, { status: 400, headers });
      },
    };
    const outcome = await stackit({ tokenUrl: TOKEN_ENDPOINT, key, claims: CLAIMS }).rotate({}, checking);
    expect(outcome).toMatchObject({ outcome: 'rotated', serverTime: date.getTime() });
    expect(forms()).toHaveLength(ahead === 0 ? 1 : 2);
  },
);

describe('a refresh token', () => {
  const tokens: Tokens = { accessToken: 'access-0', refreshToken: 'refresh-0' };

  test('is presented where the server gave one, and replaced by the one in the answer', async () => {
    const { forms, given } = context(() => new Response(answerText({ refresh_token: '"refresh-1"' })));
    const outcome = await stackit(options).rotate(tokens, given);
    expect(forms()).toEqual([{ grant_type: 'refresh_token', refresh_token: 'refresh-0' }]);
    expect(outcome).toMatchObject({ outcome: 'rotated', tokens: { refreshToken: 'refresh-1', isFinal: false } });
  });

  test('is kept where the answer has none', async () => {
    const { given } = context(() => new Response(answerText({ refresh_token: undefined })));
    expect(await stackit(options).rotate(tokens, given)).toMatchObject({ tokens: { refreshToken: 'refresh-0' } });
  });

  test('that the server knows no more is followed by an assertion, is dropped, and is not presented again', async () => {
    const plain = () => new Response(answerText({ refresh_token: undefined }));
    const { forms, given } = context(refuse('invalid_grant'), plain);
    const server = stackit(options);
    expect(await server.rotate(tokens, given)).toMatchObject({
      outcome: 'rotated',
      tokens: { refreshToken: undefined, isFinal: false },
    });
    await server.rotate(tokens, given);
    expect(forms().map(({ grant_type }) => grant_type)).toEqual(['refresh_token', ASSERTION, ASSERTION]);
  });
});

describe('an answer of the token endpoint', () => {
  test.each<[claim: string, answer: () => Response, outcome: string]>([
    ['that knows the assertion no more ends the session', refuse('invalid_grant'), 'rejected'],
    ['401 ends the session', refuse('x', 401), 'rejected'],
    ['that finds fault with the request is reported', refuse('unsupported_grant_type'), 'misconfigured'],
    ['that names no error is reported', () => new Response('<p>no', { status: 404 }), 'misconfigured'],
    ['that asks for patience is waited for', () => new Response(null, { status: 429 }), 'held-back'],
    ['of a server in trouble is no answer', () => new Response('down', { status: 503 }), 'unknown'],
    ['that is a page is no answer', () => new Response('<p>sign in'), 'unknown'],
    ['that is empty is no answer', () => Response.json({}), 'unknown'],
    ['with a token of another kind is no answer', () => new Response(answerText({ token_type: '"mac"' })), 'unknown'],
  ])('%s', async (_, answer, outcome) => {
    const { given } = context(answer);
    expect(await stackit(options).rotate({}, given)).toMatchObject({ outcome });
  });
});

/** The service: gives tokens of ten minutes for assertions, and remembers what it was sent when. */
function open({ keepAlive }: { readonly keepAlive: 'always' | 'demand' }) {
  const world = createWorld({ life: 600 });
  const asked: number[] = [];
  const trouble: { answer?: () => Response } = {};
  const network = {
    isOnline: () => true,
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      if (input !== TOKEN_ENDPOINT) return world.server.fetch(input, init);
      asked.push(world.clock.now());
      const { refresh_token: _, ...answer } = world.server.login();
      return trouble.answer?.() ?? Response.json(answer);
    },
  };
  const server = stackit(options);
  let signing = 0;
  const rotate: typeof server.rotate = (...given) => {
    signing += 1;
    return server.rotate(...given).finally(() => (signing -= 1));
  };
  /** Lets time pass, but not while a signature is made: that takes real time. */
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 1_000) {
      await world.clock.advance(1);
      while (signing > 0) await settle();
    }
  };
  const session = world.open({ server: { ...server, rotate }, leeway: 300, keepAlive }, { network });
  /** The same without letting time pass. */
  const until = async <Value>(promise: Promise<Value>): Promise<Value> => {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    while (!isDone) await settle();
    return done;
  };
  return { ...world, asked, pass, session, trouble, until };
}

async function signedIn(keepAlive: 'always' | 'demand') {
  const opened = open({ keepAlive });
  const { refresh_token: _, ...login } = opened.server.login();
  const from = opened.clock.now();
  await opened.session.start(login);
  return { ...opened, exp: from + 10 * MINUTE, call: () => opened.until(opened.session.fetch('/api/orders')) };
}

describe('a token of ten minutes with a leeway of five', () => {
  test('on demand: a call at exp - 6 min rotates nothing, one at exp - 4 min exactly once', async () => {
    const { asked, call, clock, server } = await signedIn('demand');
    await clock.advance(4 * 60);
    await call();
    expect(asked).toEqual([]);
    await clock.advance(2 * 60);
    await call();
    expect(asked).toHaveLength(1);
    await call();
    expect(asked).toHaveLength(1);
    expect(server.calls.map(({ authorization }) => authorization)).toEqual([
      'Bearer access-1',
      'Bearer access-2',
      'Bearer access-2',
    ]);
  });

  test('on demand: 20 calls at exp + 1 s all carry the new token', async () => {
    const { asked, clock, server, session, until } = await signedIn('demand');
    await clock.advance(601);
    await until(Promise.all(Array.from({ length: 20 }, () => session.fetch('/api/orders'))));
    expect(asked).toHaveLength(1);
    expect(server.calls).toHaveLength(20);
    expect(new Set(server.calls.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer access-2']));
  });

  test('with the timer on, the rotation falls before exp - 5 min', async () => {
    const { asked, exp, pass } = await signedIn('always');
    await pass(5 * MINUTE);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeLessThan(exp - 5 * MINUTE);
  });

  test('on demand: a failed rotation is not sticky', async () => {
    const { asked, call, clock, pass, server, session, trouble } = await signedIn('demand');
    await clock.advance(6 * 60);
    trouble.answer = () => new Response(null, { status: 503 });
    const waiting = session.fetch('/api/orders');
    while (asked.length === 0) await settle();
    await pass(10_000);
    delete trouble.answer;
    await pass(40_000);
    await waiting;
    expect((await call()).status).toBe(200);
    expect(new Set(server.calls.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('a life shorter than the leeway makes no loop', async () => {
    const { asked, call, clock, server, session, trouble, until } = await signedIn('demand');
    trouble.answer = () => Response.json({ ...server.login(), expires_in: 60 });
    await clock.advance(6 * 60);
    await until(session.rotate());
    for (let times = 0; times < 10; times += 1) await call();
    expect(asked).toHaveLength(1);
  });
});

test('a session needs no login: the first request brings the first token, and no call goes without one', async () => {
  const { asked, server, session, until } = open({ keepAlive: 'demand' });
  await session.start({});
  expect(asked).toEqual([]);
  expect((await until(session.fetch('/api/orders'))).status).toBe(200);
  expect(asked).toHaveLength(1);
  expect(server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer access-1']);
});

describe('options', () => {
  const make = (changes: Record<string, unknown>) => () =>
    Reflect.apply(stackit, undefined, [{ ...options, ...changes }]);

  test.each<[name: string, value: unknown]>([
    ...['', null, 7, undefined, {}].map((value): [string, unknown] => ['tokenUrl', value]),
    ...['', null, 7].map((value): [string, unknown] => ['kid', value]),
    ...[undefined, null, 'PRIVATE KEY', {}].map((value): [string, unknown] => ['key', value]),
    ...[undefined, null, 'x', []].map((value): [string, unknown] => ['claims', value]),
    ...['iss', 'sub', 'aud'].map((name): [string, unknown] => [`claims.${name}`, { ...CLAIMS, [name]: undefined }]),
    ['claims.aud', { ...CLAIMS, aud: [] }],
    ['claims.aud', { ...CLAIMS, aud: ['a', 7] }],
    ...['iat', 'exp', 'jti'].map((name): [string, unknown] => ['claims', { ...CLAIMS, [name]: 1 }]),
    ['lostAnswer', 'resend'],
    ['tokenURL', 'x'],
  ])('%s of the wrong kind is a TypeError that names it: %s', (name, value) => {
    expect(make({ [name.split('.')[0] ?? '']: value })).toThrow(TypeError);
    expect(make({ [name.split('.')[0] ?? '']: value })).toThrow(name);
  });

  test('a key that can be extracted, that is public or that is no signature key is refused', async () => {
    const open = await generateKeyPair('RS512', { extractable: true });
    expect(make({ key: open.privateKey })).toThrow('extractable');
    expect(make({ key: publicKey })).toThrow('key');
    const encryption = await generateKeyPair('RSA-OAEP-256');
    expect(make({ key: encryption.privateKey })).toThrow('key');
  });

  test('have their documented defaults, and the claims of an app are signed as they are', async () => {
    const server = stackit({ ...options, claims: { ...CLAIMS, aud: ['a', 'b'], scope: 'x' } });
    expect(server.endpoints).toEqual([TOKEN_ENDPOINT]);
    expect(server.lostAnswer).toEqual({});
    const { forms, given } = context();
    await server.rotate({}, given);
    expect(decodeJwt(forms()[0]?.['assertion'] ?? '')).toMatchObject({ aud: ['a', 'b'], scope: 'x' });
  });
});

test('a request carries the bearer token; 401 is a refusal, unless the scope is to blame', () => {
  const { attach, isRefusal, readTokens } = stackit(options);
  const request = { url: '/api/', method: 'GET' };
  expect(attach(request, readTokens(answerOf()))).toMatchObject({ headers: { authorization: expect.any(String) } });
  expect(attach(request, {})).toEqual({ headers: {} });
  expect(isRefusal({ request, response: new Response(null, { status: 401 }) })).toBe(true);
  const headers = { 'www-authenticate': 'Bearer error="insufficient_scope"' };
  expect(isRefusal({ request, response: new Response(null, { status: 401, headers }) })).toBe(false);
});
