/** FOLIO by its wire format: what is sent, what its answers mean, and what it takes for a dead token. */
import { describe, expect, test } from 'vitest';
import type { ServerContext } from '../../src/core/types.ts';
import { folio } from '../../src/servers/folio.ts';
import { recordingContext } from '../doubles/server-context.ts';
import { testMisuse } from './answers.ts';

const URL = 'https://folio.example.edu';
const OPTIONS = { url: URL, tenant: 'diku' };
const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const inMinutes = (minutes: number, from = NOW) => new Date(from + minutes * MINUTE).toISOString();
const expirations = (access: number, refresh: number, from = NOW) => ({
  accessTokenExpiration: inMinutes(access, from),
  refreshTokenExpiration: inMinutes(refresh, from),
});

const rotate = (answer: Response, now = NOW) => folio(OPTIONS).rotate({}, recordingContext(() => answer, now).context);

/** Answers by path, and remembers the paths. */
function site(answers: Readonly<Record<string, () => Response>>, isSpent = false) {
  const paths: string[] = [];
  const context: ServerContext = {
    signal: new AbortController().signal,
    now: Date.now,
    isSpent,
    fetch: async (input) => {
      const path = String(input).slice(URL.length);
      paths.push(path);
      return answers[path]?.() ?? new Response(null, { status: 404 });
    },
  };
  return { context, paths };
}

describe('a rotation', () => {
  test('is a POST without a body, with the cookies and the tenant', async () => {
    const { context, sent } = recordingContext(() => Response.json(expirations(10, 60), { status: 201 }), NOW);
    const outcome = await folio(OPTIONS).rotate({}, context);
    expect(sent).toEqual([
      {
        url: `${URL}/authn/refresh`,
        init: {
          method: 'POST',
          credentials: 'include',
          headers: { accept: 'application/json', 'content-type': 'application/json', 'x-okapi-tenant': 'diku' },
        },
      },
    ]);
    expect(outcome).toMatchObject({
      outcome: 'rotated',
      tokens: { life: 10 * MINUTE, endsIn: 60 * MINUTE - 200 },
    });
  });

  test.each<[claim: string, outcome: string, answer: () => Response]>([
    ['400, the cookie is not there', 'rejected', () => Response.json({}, { status: 400 })],
    ['401', 'rejected', () => new Response(null, { status: 401 })],
    ['422, refused', 'rejected', () => Response.json({ errors: [{ message: 'x', code: 'y' }] }, { status: 422 })],
    ['403', 'misconfigured', () => new Response(null, { status: 403 })],
    ['404 from a wrong address', 'misconfigured', () => new Response(null, { status: 404 })],
    ['408', 'held-back', () => new Response(null, { status: 408 })],
    ['429', 'held-back', () => new Response(null, { status: 429 })],
    ['500', 'unknown', () => new Response(null, { status: 500 })],
    ['502 of a proxy', 'unknown', () => new Response('<h1>', { status: 502 })],
    ['200 is not the answer', 'unknown', () => Response.json(expirations(10, 60))],
    ['a page', 'unknown', () => new Response('<h1>', { status: 201 })],
    ['an empty object', 'unknown', () => Response.json({}, { status: 201 })],
    ['half an answer', 'unknown', () => Response.json({ accessTokenExpiration: inMinutes(1) }, { status: 201 })],
    [
      'a number for a date',
      'unknown',
      () => Response.json({ ...expirations(1, 2), accessTokenExpiration: 600 }, { status: 201 }),
    ],
    [
      'words for a date',
      'unknown',
      () => Response.json({ ...expirations(1, 2), refreshTokenExpiration: 'in 2 hours' }, { status: 201 }),
    ],
  ])('%s: %s', async (_, outcome, answer) => {
    expect((await rotate(answer())).outcome).toBe(outcome);
  });

  test('the life is counted by the clock of the server, where that can be read', async () => {
    const headers = { date: new Date(NOW + 60 * MINUTE).toUTCString() };
    const answer = Response.json(expirations(70, 90), { status: 201, headers });
    expect(await rotate(answer)).toMatchObject({ tokens: { life: 10 * MINUTE, endsIn: 30 * MINUTE - 200 } });
  });

  test("clock one hour ahead and the server's unreadable: the life is unknown, and nothing is renewed for ever", async () => {
    const answer = Response.json(expirations(10, 30), { status: 201 });
    expect(await rotate(answer, NOW + 60 * MINUTE)).toMatchObject({
      outcome: 'rotated',
      tokens: { life: undefined, endsIn: undefined },
    });
  });
});

describe('a login', () => {
  const { readTokens } = folio(OPTIONS);

  test.each([
    ['Okapi', (told: unknown) => ({ user: {}, tokenExpiration: told })],
    ['Eureka', (told: unknown) => told],
  ])('of %s tells the expirations', (_, answer) => {
    const { endsIn, life } = readTokens(answer(expirations(10, 60, Date.now())));
    expect(life).toBeGreaterThan(9.9 * MINUTE);
    expect(life).toBeLessThanOrEqual(10 * MINUTE);
    expect(endsIn).toBeLessThanOrEqual(60 * MINUTE - 200);
  });

  test.each([[{}], [{ user: {} }], [{ tokenExpiration: {} }], [{ tokenExpiration: null }], ['x'], [null], [[]]])(
    'that tells none is none: %j',
    (answer) => {
      expect(() => readTokens(answer)).toThrow(TypeError);
    },
  );
});

describe('an answer is a refusal', () => {
  const missing = 'Token missing, access requires permission: users.collection.get';
  const text = { 'content-type': 'text/plain; charset=utf-8' };

  test.each<[claim: string, isRefusal: boolean, path: string, answer: () => Response]>([
    ['401', true, '/users', () => new Response(null, { status: 401 })],
    ['400 in these words', true, '/users', () => new Response(missing, { status: 400, headers: text })],
    ['400 in other words', false, '/users', () => new Response('bad query', { status: 400, headers: text })],
    ['400 in JSON', false, '/users', () => Response.json(missing, { status: 400 })],
    ['404 on _self of Okapi', true, '/bl-users/_self', () => new Response(null, { status: 404 })],
    ['404 on _self of Eureka', true, '/users-keycloak/_self?a=b', () => new Response(null, { status: 404 })],
    ['404 elsewhere', false, '/users/1', () => new Response(null, { status: 404 })],
    ['404 on a _self that is no FOLIO’s', false, '/mod-x/bl-users/_self', () => new Response(null, { status: 404 })],
    ['404 below _self', false, '/bl-users/_self/x', () => new Response(null, { status: 404 })],
    ['422 on logout', true, '/authn/logout', () => new Response(null, { status: 422 })],
    ['422 elsewhere', false, '/users', () => new Response(null, { status: 422 })],
    ['403', false, '/users', () => new Response(null, { status: 403 })],
    ['500', false, '/users', () => new Response(missing, { status: 500, headers: text })],
    ['200', false, '/bl-users/_self', () => new Response(null)],
  ])('%s: %j', async (_, isRefusal, path, answer) => {
    const response = answer();
    const exchange = { request: { url: URL + path, method: 'GET' }, response };
    expect(await folio(OPTIONS).isRefusal(exchange)).toBe(isRefusal);
    expect(response.bodyUsed).toBe(false);
  });
});

test('401 of somebody else, whom no cookie was sent to, is no refusal', async () => {
  const exchange = { request: { url: 'https://api.example.com/users', method: 'GET' } };
  expect(await folio(OPTIONS).isRefusal({ ...exchange, response: new Response(null, { status: 401 }) })).toBe(false);
});

test('cookies and tenant go to FOLIO, and never elsewhere', () => {
  const { attach, endpoints, keepalive, lostAnswer } = folio({ ...OPTIONS, url: `${URL}/` });
  expect(attach({ url: `${URL}/users`, method: 'GET' }, {})).toEqual({
    headers: { 'x-okapi-tenant': 'diku' },
    credentials: 'include',
  });
  expect(attach({ url: 'https://folio.example.edu.evil.net/', method: 'GET' }, {})).toEqual({ headers: {} });
  expect(endpoints[0]).toBe(`${URL}/authn`);
  expect({ keepalive, lostAnswer }).toEqual({ keepalive: true, lostAnswer: 'probe' });
});

describe('a lost answer', () => {
  const ok = () => Response.json({});

  test.each<[claim: string, outcome: string, answers: Readonly<Record<string, () => Response>>, asked: number]>([
    ['Okapi knows the cookies', 'rotated', { '/bl-users/_self': ok }, 1],
    ['Eureka knows the cookies', 'rotated', { '/users-keycloak/_self': ok }, 2],
    ['nobody knows them', 'rejected', {}, 2],
    ['the server is in trouble', 'unknown', { '/bl-users/_self': () => new Response(null, { status: 503 }) }, 1],
  ])('is asked after at _self: %s', async (_, outcome, answers, asked) => {
    const { context, paths } = site(answers);
    expect((await folio(OPTIONS).probe?.({}, context))?.outcome).toBe(outcome);
    expect(paths).toHaveLength(asked);
    expect(paths).not.toContain('/authn/refresh');
  });
});

describe('a sign-out', () => {
  const good = {
    '/authn/refresh': () => Response.json(expirations(10, 60, Date.now()), { status: 201 }),
    '/authn/logout': () => new Response(null, { status: 204 }),
  };

  test('with an access token that is known to live is one call', async () => {
    const server = folio(OPTIONS);
    server.readTokens(expirations(10, 60, Date.now()));
    const { context, paths } = site(good);
    await server.revoke?.({}, context);
    expect(paths).toEqual(['/authn/logout']);
  });

  test('of a tab that does not know asks first', async () => {
    const { context, paths } = site({ ...good, '/bl-users/_self': () => Response.json({}) });
    await folio(OPTIONS).revoke?.({}, context);
    expect(paths).toEqual(['/bl-users/_self', '/authn/logout']);
  });

  test('that must not present the refresh token is one call, whatever comes of it', async () => {
    const { context, paths } = site(good, true);
    await folio(OPTIONS).revoke?.({}, context);
    expect(paths).toEqual(['/authn/logout']);
  });

  test('with a dead access token refreshes first: without one the logout is refused', async () => {
    const { context, paths } = site(good);
    await folio(OPTIONS).revoke?.({}, context);
    expect(paths).toEqual(['/bl-users/_self', '/users-keycloak/_self', '/authn/refresh', '/authn/logout']);
  });
});

describe('options', () => {
  testMisuse('folio', folio, OPTIONS);

  test.each(['diku\n2', 'di ku', 'd\u00efku'])('tenant cannot be %j, which no header holds', (tenant) => {
    expect(() => folio({ ...OPTIONS, tenant })).toThrow('folio: tenant');
  });
});
