/** What a token endpoint's answer says, and what becomes of the session. */
import { describe, expect, test } from 'vitest';
import { readRetryAfter, readRotation } from '../../src/core/refusal.ts';
import { readTokenResponse } from '../../src/core/tokens.ts';
import type { RotationOutcome } from '../../src/core/types.ts';
import { answerText, CANARY } from '../doubles/answers.ts';
import { createWorld, settle } from '../doubles/world.ts';

type Outcome = RotationOutcome['outcome'];

const HTML = '<!doctype html><title>Sign in to the Wi-Fi</title>';
const AT_NOON = 'Thu, 01 Jan 2026 12:00:00 GMT';

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });
const html = (status: number, headers: Record<string, string> = {}) =>
  new Response(HTML, { status, headers: { 'content-type': 'text/html', ...headers } });
const empty = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
/** The connection breaks after the headers, or in the middle of the body. */
const cut = (status: number, ...chunks: string[]) =>
  new Response(
    new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.error(new TypeError('network error'));
        else controller.enqueue(new TextEncoder().encode(chunk));
      },
    }),
    { status },
  );

/** The rows of design.md's table "A rotation ends as", by what a server may answer. */
const ANSWERS: readonly (readonly [answer: string, outcome: Outcome, make: () => Response])[] = [
  ['400 invalid_grant', 'rejected', () => json(400, { error: 'invalid_grant' })],
  [
    '400 invalid_grant with a description',
    'rejected',
    () => json(400, { error: 'invalid_grant', error_description: 'Token is not active' }),
  ],
  ['400 invalid_grant as text/plain', 'rejected', () => new Response('{"error":"invalid_grant"}', { status: 400 })],
  [
    '403 invalid_grant, as Auth0 sends it',
    'rejected',
    () => json(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }),
  ],
  ['404 invalid_grant', 'rejected', () => json(404, { error: 'invalid_grant' })],
  ['401 without a body', 'rejected', () => empty(401)],
  ['401 of a page', 'rejected', () => html(401)],
  ['401 of FastAPI', 'rejected', () => json(401, { detail: 'Could not validate credentials' })],
  ['401 invalid_grant', 'rejected', () => json(401, { error: 'invalid_grant' })],
  ['401 invalid_token', 'rejected', () => json(401, { error: 'invalid_token' })],

  [
    '401 invalid_client',
    'misconfigured',
    () => json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic' }),
  ],
  ['401 unauthorized_client', 'misconfigured', () => json(401, { error: 'unauthorized_client' })],
  ['401 use_dpop_nonce', 'misconfigured', () => json(401, { error: 'use_dpop_nonce' })],
  ['401 invalid_dpop_proof', 'misconfigured', () => json(401, { error: 'invalid_dpop_proof' })],
  ['400 invalid_client', 'misconfigured', () => json(400, { error: 'invalid_client' })],
  ['400 invalid_request', 'misconfigured', () => json(400, { error: 'invalid_request' })],
  ['400 invalid_scope', 'misconfigured', () => json(400, { error: 'invalid_scope' })],
  ['400 unauthorized_client', 'misconfigured', () => json(400, { error: 'unauthorized_client' })],
  ['400 unsupported_grant_type', 'misconfigured', () => json(400, { error: 'unsupported_grant_type' })],
  ['400 of an error that nobody knows', 'misconfigured', () => json(400, { error: 'out_of_cheese' })],
  ['400 without an error', 'misconfigured', () => json(400, {})],
  ['400 of null', 'misconfigured', () => json(400, null)],
  ['400 of an array', 'misconfigured', () => json(400, [{ error: 'invalid_grant' }])],
  ['400 of an error in an array', 'misconfigured', () => json(400, { error: ['invalid_grant'] })],
  [
    '400 of an error in a `__proto__` member',
    'misconfigured',
    () => new Response('{"__proto__":{"error":"invalid_grant"}}', { status: 400 }),
  ],
  ['400 without a body', 'misconfigured', () => empty(400)],
  ['400 of a page', 'misconfigured', () => html(400)],
  ['403 of a firewall', 'misconfigured', () => html(403)],
  ['404 of a page', 'misconfigured', () => html(404)],
  ['404 of a page of 2 MiB', 'misconfigured', () => new Response(HTML.padEnd(2_097_152), { status: 404 })],
  ['405', 'misconfigured', () => empty(405)],
  ['410', 'misconfigured', () => empty(410)],
  ['413', 'misconfigured', () => empty(413)],
  ['415', 'misconfigured', () => empty(415)],
  ['422', 'misconfigured', () => json(422, { errors: [] })],
  ['451', 'misconfigured', () => html(451)],

  ['408', 'held-back', () => empty(408)],
  ['429', 'held-back', () => empty(429)],
  ['429 with a body', 'held-back', () => json(429, { error: 'invalid_grant' })],
  ['429 that is cut', 'held-back', () => cut(429)],

  ['500', 'unknown', () => empty(500)],
  ['500 with a page', 'unknown', () => html(500)],
  ['500 with invalid_grant, which a 5xx cannot mean', 'unknown', () => json(500, { error: 'invalid_grant' })],
  ['500 with good tokens', 'unknown', () => new Response(answerText(), { status: 500 })],
  ['501', 'unknown', () => empty(501)],
  ['502', 'unknown', () => html(502)],
  ['503', 'unknown', () => html(503)],
  ['504', 'unknown', () => html(504)],
  ['511 of a captive portal', 'unknown', () => html(511)],
  ['599', 'unknown', () => empty(599)],
  ['201 with good tokens', 'unknown', () => new Response(answerText(), { status: 201 })],
  ['202', 'unknown', () => json(202, {})],
  ['204', 'unknown', () => empty(204)],
  ['206 with half the tokens', 'unknown', () => new Response(answerText().slice(0, 20), { status: 206 })],
  ['301', 'unknown', () => empty(301, { location: 'https://evil.com/' })],
  ['302', 'unknown', () => empty(302, { location: 'https://evil.com/' })],
  ['303', 'unknown', () => empty(303, { location: '/login' })],
  ['304', 'unknown', () => empty(304)],
  ['307', 'unknown', () => empty(307, { location: 'https://evil.com/' })],
  ['308', 'unknown', () => empty(308, { location: 'https://evil.com/' })],
  ['an error of a service worker', 'unknown', () => Response.error()],
  ['200 with a page: a captive portal', 'unknown', () => html(200)],
  ['200 without a body', 'unknown', () => empty(200)],
  ['200 with an error', 'unknown', () => json(200, { error: 'invalid_grant' })],
  ['200 cut after the headers', 'unknown', () => cut(200)],
  ['200 cut in the middle', 'unknown', () => cut(200, answerText().slice(0, 30))],
  ['200 cut just before its end', 'unknown', () => cut(200, answerText())],
  ['400 cut after the headers', 'unknown', () => cut(400)],
  ['400 cut in the middle of invalid_grant', 'unknown', () => cut(400, '{"error":"invalid_gr')],
  ['401 cut in the middle of invalid_client', 'unknown', () => cut(401, '{"error":"invalid_cl')],
  ['500 cut in the middle', 'unknown', () => cut(500, 'Internal')],
];

describe('an answer is sorted:', () => {
  const read = (body: unknown) => readTokenResponse(body, { tokenType: 'Bearer' });

  test.each(ANSWERS)('%s is %s', async (_, outcome, make) => {
    const response = make();
    const sorted = await readRotation(response, read);
    expect(sorted).toMatchObject({ outcome, status: response.status });
    await settle(); // A rejection that nobody handles would show now.
  });

  test('200 with good tokens is rotated, and tells the time', async () => {
    const sorted = await readRotation(new Response(answerText(), { headers: { date: AT_NOON } }), read);
    expect(sorted).toEqual({
      outcome: 'rotated',
      tokens: read(JSON.parse(answerText())),
      serverTime: Date.parse(AT_NOON),
    });
  });

  test.each(['application/json', 'text/plain', 'text/html', 'application/octet-stream', ''])(
    'the tokens count, not the type %j',
    async (type) => {
      expect(await readRotation(new Response(answerText(), { headers: { 'content-type': type } }), read)).toMatchObject(
        { outcome: 'rotated' },
      );
    },
  );

  test('where another status is the good one, 200 is not', async () => {
    expect(await readRotation(new Response(answerText(), { status: 201 }), read, 201)).toMatchObject({
      outcome: 'rotated',
    });
    expect(await readRotation(new Response(answerText()), read, 201)).toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    ['an error with blanks', { error: `Bad token ${CANARY}` }],
    ['an error with a token in it', { error: 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln' }],
    ['an error that is a token', { error: `refresh-${CANARY}` }],
    ['an error longer than any code', { error: 'x'.repeat(65) }],
    ['an error that is a number', { error: 7 }],
    ['an error that is an object', { error: { code: 'invalid_client' } }],
    ['a description only', { error_description: CANARY }],
  ])('%s is not repeated', async (_, body) => {
    expect(await readRotation(json(400, body), read)).toEqual({
      outcome: 'misconfigured',
      status: 400,
      code: undefined,
    });
  });

  test.each(['out_of_cheese', 'interaction_required', 'acme.error', 'use-another'])(
    'an error code is: %s',
    async (error) => {
      expect(await readRotation(json(400, { error }), read)).toEqual({
        outcome: 'misconfigured',
        status: 400,
        code: error,
      });
    },
  );
});

describe('Retry-After', () => {
  const beside = (value: string, date?: string) =>
    new Headers({ 'retry-after': value, ...(date === undefined ? {} : { date }) });

  test.each<[value: string, date: string | undefined, wait: number | undefined]>([
    ['0', undefined, 0],
    ['7', undefined, 7_000],
    [' 7 ', undefined, 7_000],
    ['0120', undefined, 120_000],
    ['1000000000', undefined, 1e12],
    ['Thu, 01 Jan 2026 12:00:05 GMT', AT_NOON, 5_000],
    ['Thursday, 01-Jan-26 12:00:05 GMT', AT_NOON, 5_000],
    ['Thu Jan  1 12:00:05 2026', AT_NOON, 5_000],
    ['Thu, 01 Jan 2026 11:59:00 GMT', AT_NOON, 0],
    ['Thu, 01 Jan 2026 12:00:05 GMT', undefined, undefined],
    ['Thu, 01 Jan 2026 12:00:05 GMT', 'yesterday', undefined],
    ['-5', AT_NOON, undefined],
    ['+5', AT_NOON, undefined],
    ['1.5', AT_NOON, undefined],
    ['1e3', AT_NOON, undefined],
    ['5 s', AT_NOON, undefined],
    ['5, 7', AT_NOON, undefined],
    ['99999999999', AT_NOON, undefined],
    ['soon', AT_NOON, undefined],
    ['not before 2050', AT_NOON, undefined],
    ['2050', AT_NOON, 2_050_000],
    ['2050-01-01', AT_NOON, undefined],
    ['Infinity', AT_NOON, undefined],
    ['', AT_NOON, undefined],
    ['Thu, 99 Foo 2026 99:99:99 GMT', AT_NOON, undefined],
  ])('%j beside the date %j asks for %s ms', (value, date, wait) => {
    expect(readRetryAfter(beside(value, date))).toBe(wait);
  });

  test('that is absent asks for nothing', () => {
    expect(readRetryAfter(new Headers())).toBeUndefined();
  });

  test.each([429, 408, 503, 500])('beside %i is heard', async (status) => {
    expect(await readRotation(empty(status, { 'retry-after': '9' }), () => ({}))).toMatchObject({ retryAfter: 9_000 });
  });

  test('a garbled Date beside good tokens tells no time', async () => {
    const good = new Response(answerText(), { headers: { date: 'about 5' } });
    expect(await readRotation(good, () => ({}))).toEqual({ outcome: 'rotated', tokens: {}, serverTime: undefined });
  });

  test.each<[value: string, least: number, most: number]>([
    ['5', 5, 20],
    ['60', 60, 120],
    ['Thu, 01 Jan 2026 12:01:00 GMT', 60, 120],
    ['1000000000', 3_600, 7_200],
    ['garbage', 1, 5],
    ['-7', 1, 5],
    ['not before 2050', 1, 5],
  ])('%s moves the next try to between %i and %i s', async (value, least, most) => {
    for (const status of [429, 408, 503]) {
      const { session, world } = await signedIn();
      world.server.fault = () => empty(status, { 'retry-after': value, date: AT_NOON });
      const failure = await session.rotate().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'RotationError', status });
      const wait = Object(session.state).retryAt - world.clock.now();
      expect(wait).toBeGreaterThanOrEqual(least * 1_000);
      expect(wait).toBeLessThanOrEqual(most * 1_000);
    }
  });
});

const FAILURES: readonly (readonly [fault: string, outcome: Outcome, make: () => Response | Promise<Response>])[] = [
  ...ANSWERS,
  ['a network error', 'unknown', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['a network error of Safari', 'unknown', () => Promise.reject(new TypeError('Load failed'))],
  ['an abort by the browser', 'unknown', () => Promise.reject(new DOMException('Aborted', 'AbortError'))],
];

async function signedIn() {
  const world = createWorld();
  const session = world.open();
  await session.start(world.server.login());
  return { world, session };
}

describe('the session is kept, works on with its token, and recovers, after', () => {
  test.each(FAILURES.filter(([, outcome]) => outcome !== 'rejected'))('%s (%s)', async (_, outcome, make) => {
    const { session, world } = await signedIn();
    const stored = await world.vault.read();
    world.server.fault = make;
    const failure = await session.rotate().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'RotationError',
      code: 'ERR_ROTATION',
      permanent: outcome === 'misconfigured',
    });
    expect(failure).toHaveProperty('retryAt', expect.any(Number));
    expect(session.state).toMatchObject({ status: 'stale', generation: 0, retryAt: Object(failure).retryAt });
    expect(await world.vault.read()).toMatchObject({ epoch: stored?.epoch, generation: 0, sealed: stored?.sealed });
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.at(-1)?.authorization).toBe('Bearer access-1');
    world.server.fault = undefined;
    await world.clock.advance(60);
    expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.at(-1)?.authorization).toBe('Bearer access-2');
    expect(world.server).toMatchObject({ revoked: [] });
    expect(world.server.reuses()).toBe(0);
  });
});

describe('with a dead token a request waits, and succeeds in the end, after', () => {
  const passing = FAILURES.filter(([, outcome]) => outcome === 'unknown' || outcome === 'held-back');
  test.each(passing)('%s (%s)', async (_, _outcome, make) => {
    const { session, world } = await signedIn();
    world.server.fault = make;
    await world.clock.advance(600);
    expect(session.state.status).toBe('stale');
    const call = session.fetch('/api/orders');
    await world.clock.advance(5);
    expect(world.server.calls).toEqual([]);
    world.server.fault = undefined;
    await world.clock.advance(50);
    expect((await call).status).toBe(200);
    expect(world.server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer access-2']);
    expect(world.server.reuses()).toBe(0);
  });
});

describe('with a dead token a request is rejected at once, and nothing is wiped, after', () => {
  test.each(FAILURES.filter(([, outcome]) => outcome === 'misconfigured'))('%s (%s)', async (_, _outcome, make) => {
    const { session, world } = await signedIn();
    world.server.fault = make;
    await world.clock.advance(600);
    const { status } = await make();
    await expect(session.fetch('/api/orders')).rejects.toMatchObject({
      name: 'RotationError',
      permanent: true,
      status,
    });
    expect(session.state.status).toBe('stale');
    expect(world.server.calls).toEqual([]);
    world.server.fault = undefined;
    await world.clock.advance(600);
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.reuses()).toBe(0);
  });
});

describe('the session is over, and its tokens are wiped, after', () => {
  test.each(FAILURES.filter(([, outcome]) => outcome === 'rejected'))('%s (%s)', async (_, _outcome, make) => {
    const { session, world } = await signedIn();
    world.server.fault = make;
    await expect(session.rotate()).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'rejected' });
    expect(session.state).toEqual({ status: 'ended', reason: 'rejected' });
    expect(await world.vault.read()).toMatchObject({ ended: 'rejected' });
    expect(await world.vault.read()).not.toHaveProperty('sealed');
    await session.fetch('/api/orders');
    expect(world.server.calls.map(({ authorization }) => authorization)).toEqual([null]);
    await world.clock.advance(600);
    expect(world.server.sent).toHaveLength(1);
    world.server.fault = undefined;
    await session.start(world.server.login());
    expect((await session.fetch('/api/orders')).status).toBe(200);
  });
});
