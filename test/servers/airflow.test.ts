/** Airflow: which answers bring the next token, what refuses it, and what the rotator calls by itself. */
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/core/types.ts';
import { airflow } from '../../src/servers/airflow.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { recordingContext } from '../doubles/server-context.ts';
import { createWorld } from '../doubles/world.ts';
import { testMisuse } from './answers.ts';

const OPTIONS = { url: 'https://airflow.example.com/execution/', keepAliveUrl: 'health' };
const KEEP_ALIVE = 'https://airflow.example.com/execution/health';
const LIFE = 600;

/** A token issued that many seconds after the first. */
const token = (at: number) => jwt({ sub: 'task', iat: 1_000 + at, exp: 1_000 + at + LIFE });
const TOKENS: Tokens = airflow(OPTIONS).readTokens({ access_token: token(0) });
const pushing = (next: string, init: ResponseInit = {}) =>
  new Response('{}', { ...init, headers: { 'Refreshed-API-Token': next } });
const detail = (text: unknown, status = 403) => Response.json({ detail: text }, { status });
const EXPIRED = 'Invalid auth token: Signature has expired';

describe('a login', () => {
  test('is an access token alone: it is kept alive, and the session ends with it', () => {
    expect(TOKENS).toMatchObject({ life: 600_000, endsIn: 600_000, refreshToken: undefined, isFinal: false });
  });

  test('with a token that is not fresh says how long it has', () => {
    expect(airflow(OPTIONS).readTokens({ access_token: token(0), expires_in: 90 })).toMatchObject({ life: 90_000 });
  });

  test('of another token type is none', () => {
    expect(() => airflow(OPTIONS).readTokens({ access_token: token(0), token_type: 'mac' })).toThrow('token_type');
  });
});

describe('the next token', () => {
  const { adopt } = airflow(OPTIONS);

  test.each([200, 201, 204, 404, 409, 422, 500, 503])('is taken from an answer with status %d', (status) => {
    const body = status === 204 ? null : 'x';
    const response = new Response(body, { status, headers: { 'refreshed-api-token': token(500) } });
    expect(adopt?.(response, TOKENS)).toMatchObject({ accessToken: token(500), life: 600_000, endsIn: 600_000 });
  });

  test('is not there on every answer', () => {
    expect(adopt?.(new Response('x'), TOKENS)).toBeUndefined();
  });

  test('is not taken when it expires no later than the one at hand', () => {
    const later = { ...TOKENS, accessToken: token(500) };
    expect(adopt?.(pushing(token(499)), later)).toBeUndefined();
    expect(adopt?.(pushing(token(500)), later)).toBeUndefined();
    expect(adopt?.(pushing(token(501)), later)).toMatchObject({ accessToken: token(501) });
  });

  test.each(['', 'a b', 'opaque', jwt({ exp: 'soon' }), jwt('[]'), 'x'.repeat(16_385)])(
    'that is none (%#) harms nobody',
    (next) => {
      expect(adopt?.(pushing(next), TOKENS)).toBeUndefined();
    },
  );

  test('is not taken from another origin', () => {
    const from = (url: string) => Object.defineProperty(pushing(token(500)), 'url', { value: url });
    expect(adopt?.(from('https://other.example.com/execution/'), TOKENS)).toBeUndefined();
    expect(adopt?.(from('https://airflow.example.com/execution/runs'), TOKENS)).toMatchObject({ life: 600_000 });
  });

  test('of a page’s own API is not taken from another origin', () => {
    const own = airflow({ url: '/execution/', keepAliveUrl: '/execution/health' });
    const of = (type: string) => Object.defineProperty(pushing(token(500)), 'type', { value: type });
    expect(own.adopt?.(of('cors'), TOKENS)).toBeUndefined();
    expect(own.adopt?.(of('basic'), TOKENS)).toMatchObject({ life: 600_000 });
  });
});

describe('an answer of the API', () => {
  const request = { url: 'https://airflow.example.com/execution/runs', method: 'GET' };
  test.each([
    ['403 that says that the token has expired', true, () => detail(EXPIRED)],
    [
      '403 that says that the token is no good',
      true,
      () => detail('Invalid auth token: Signature verification failed'),
    ],
    ['401, the token is missing', true, () => detail('Missing auth token', 401)],
    ['plain 403', false, () => detail('Forbidden')],
    ['403 with a detail that is no text', false, () => detail([EXPIRED])],
    ['403 that is a page', false, () => new Response(`<p>${EXPIRED}</p>`, { status: 403 })],
    ['403 without a body', false, () => new Response(null, { status: 403 })],
    ['404 with the words of a refusal', false, () => detail(EXPIRED, 404)],
    ['200', false, () => Response.json({})],
  ])('%s: a refusal is %s', async (_, isRefusal, answer) => {
    const response = answer();
    expect(await airflow(OPTIONS).isRefusal({ request, response })).toBe(isRefusal);
    expect(response.bodyUsed).toBe(false);
  });
});

/** A session in a machine whose clock is wrong, at a server that pushes as Airflow does. */
function idle(ahead: number, seed: number) {
  const world = createWorld();
  world.chance.roll = (seed * 0.618) % 1;
  const now = () => Math.floor(world.clock.now() / 1_000) - ahead;
  const mint = () => jwt({ sub: 'task', iat: now(), exp: now() + LIFE });
  let asked = 0;
  const fetch: typeof globalThis.fetch = async (_, init) => {
    asked += 1;
    const { exp = 0 } = decodeJwt(new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '');
    if (exp <= now()) return detail(EXPIRED);
    return exp - now() <= LIFE / 5 ? pushing(mint()) : Response.json({});
  };
  const { url } = OPTIONS;
  const session = world.open(
    { server: airflow(OPTIONS), resources: [url] },
    { network: { fetch, isOnline: () => true } },
  );
  const states = new Set<string>();
  session.subscribe(() => states.add(session.state.status));
  return { session, states, world: { clock: world.clock, mint, asked: () => asked } };
}

describe('a rotation', () => {
  const rotate = (answer: () => Response) => airflow(OPTIONS).rotate(TOKENS, recordingContext(answer).context);

  test('is a GET of the keep-alive URL with the token', async () => {
    const { context, sent } = recordingContext(() => pushing(token(500)));
    await airflow(OPTIONS).rotate(TOKENS, context);
    expect(sent).toEqual([{ url: KEEP_ALIVE, init: { headers: { authorization: `Bearer ${token(0)}` } } }]);
  });

  test.each([200, 404, 500])('brings what an answer with status %d pushes', async (status) => {
    expect(await rotate(() => pushing(token(500), { status }))).toMatchObject({
      outcome: 'rotated',
      tokens: { accessToken: token(500), life: 600_000 },
    });
  });

  test.each([
    ['403, the token has expired', 'rejected', () => detail(EXPIRED)],
    ['401', 'rejected', () => detail('Missing auth token', 401)],
    ['plain 403', 'misconfigured', () => detail('Forbidden')],
    ['404', 'misconfigured', () => detail('Not Found', 404)],
    ['429', 'held-back', () => detail('slow down', 429)],
    ['500', 'unknown', () => detail('oops', 500)],
    ['503', 'unknown', () => new Response('<h1>down</h1>', { status: 503 })],
  ])('that is answered with %s is %s', async (_, outcome, answer) => {
    expect((await rotate(answer)).outcome).toBe(outcome);
  });

  test('that came too early is made again after a third of the last fifth', async () => {
    const early = () => Response.json({});
    expect(await rotate(early)).toEqual({ outcome: 'held-back', status: 200, retryAfter: 40_000 });
  });

  test.each([0, -60, -300, -3_600, 60, 300, 3_600])(
    'keeps an idle session, with a clock that is %d s ahead of the server’s, and never calls it stale',
    async (ahead) => {
      for (let seed = 1; seed <= 10; seed += 1) {
        const { session, states, world } = idle(ahead, seed);
        await session.start({ access_token: world.mint() });
        await world.clock.advance(3_600);
        expect([...states]).toEqual(['absent', 'active']);
        expect(world.asked()).toBeLessThan(30);
      }
    },
  );

  test('without a token sends nothing', async () => {
    const { context, sent } = recordingContext();
    expect(await airflow(OPTIONS).rotate({}, context)).toEqual({ outcome: 'rejected' });
    expect(sent).toEqual([]);
  });
});

describe('options', () => {
  testMisuse('airflow', airflow, OPTIONS);

  test.each([
    ['https://airflow.example.com/execution/', 'health', KEEP_ALIVE],
    ['https://airflow.example.com', '/execution/health', KEEP_ALIVE],
    ['https://airflow.example.com', KEEP_ALIVE, KEEP_ALIVE],
    ['/execution/', '/execution/health', '/execution/health'],
  ])('url %s and keepAliveUrl %s call %s', (url, keepAliveUrl, called) => {
    expect(airflow({ url, keepAliveUrl }).endpoints).toEqual([called]);
  });

  test.each(['https://other.example.com/health', '//other.example.com/health', 'https://['])(
    'keepAliveUrl cannot be %s, of another origin: it is sent the token',
    (keepAliveUrl) => {
      expect(() => airflow({ ...OPTIONS, keepAliveUrl })).toThrow('airflow: keepAliveUrl');
    },
  );
});
