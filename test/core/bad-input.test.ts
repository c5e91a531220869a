/** Bad input by every way into a session: each has its error, nothing is lost, and no part of a token is shown. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Message, Ports, Vault } from '../../src/core/ports.ts';
import type { Session } from '../../src/core/types.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { ACCEPTED_LIVES, answerOf, answerText, CANARY, nested, REFUSED_MEMBERS } from '../doubles/answers.ts';
import { TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { deafTabs } from '../doubles/deaf-tabs.ts';
import { createWorld, settle } from '../doubles/world.ts';

/** Everything that can be got out of a value, by whatever way an app or a log may take. */
function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: null, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null }),
  ];
  for (let each: unknown = value, depth = 0; each instanceof Error && depth < 10; each = each.cause, depth += 1) {
    parts.push(
      each.name,
      each.message,
      each.stack ?? '',
      String(each),
      JSON.stringify(each),
      JSON.stringify(Object.entries(each)),
    );
    parts.push(JSON.stringify(each, Object.getOwnPropertyNames(each)));
  }
  return [...parts, String(value), JSON.stringify(value)].join('\n');
}

async function signedIn(options: Parameters<ReturnType<typeof createWorld>['open']>[0] = {}) {
  const world = createWorld();
  const session = world.open(options);
  await session.start(world.server.login());
  return { world, session };
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );

const BAD_RESPONSES: readonly (readonly [claim: string, field: string, response: unknown])[] = [
  ...REFUSED_MEMBERS.map(([claim, field, literal]): [string, string, unknown] => [
    claim,
    field,
    answerOf({ [field]: literal }),
  ]),
  ['a life of NaN', 'expires_in', Object.assign(Object(answerOf()), { expires_in: Number.NaN })],
  ['nothing', 'token response', undefined],
  ['null', 'token response', null],
  ['an HTML page', 'token response', `<!doctype html>${CANARY}`],
  ['the body as text', 'token response', answerText({ access_token: `"${CANARY}"` })],
  ['an array', 'token response', [answerOf({ access_token: `"${CANARY}"` })]],
  ['arrays, 100,000 deep', 'token response', JSON.parse(nested(100_000))],
  ['a number', 'token response', 7],
  ['an error of the server', 'access_token', { error: 'invalid_grant', error_description: CANARY }],
  ['tokens in a `__proto__` member', 'access_token', JSON.parse(`{"__proto__":${answerText()}}`)],
  ['tokens in a `constructor` member', 'access_token', JSON.parse(`{"constructor":{"prototype":${answerText()}}}`)],
];

describe('start rejects with a TypeError that names the field and shows no value, and the session there was goes on, given', () => {
  test.each(BAD_RESPONSES)('%s (%s)', async (_, field, response) => {
    const { session, world } = await signedIn();
    const [state, record] = [session.state, await world.vault.read()];
    const failure = await failureOf(session.start(response));
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain(`${field} must be `);
    expect(shown(failure)).not.toContain(CANARY);
    expect(session.state).toBe(state);
    expect(await world.vault.read()).toBe(record);
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer access-1']);
    expect(world.server.sent).toEqual([]);
    await session.rotate();
    expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    expect(shown([world.logs, session.inspect()])).not.toContain(CANARY);
  });
});

describe('where nobody is signed in', () => {
  test.each(BAD_RESPONSES)('nobody is after a start that was given %s (%s)', async (_, _field, response) => {
    const world = createWorld();
    const session = world.open();
    await session.ready;
    await expect(session.start(response)).rejects.toThrow(TypeError);
    expect(session.state).toEqual({ status: 'absent' });
    expect(await world.vault.read()).toBeUndefined();
    await session.start(world.server.login());
    expect((await session.fetch('/api/orders')).status).toBe(200);
  });
});

test('requests made after a bad start reject with its error, the ones after that go on', async () => {
  const { session, world } = await signedIn();
  const starting = failureOf(session.start({}));
  const call = failureOf(session.fetch('/api/orders'));
  expect(await call).toBe(await starting);
  expect(world.server.calls).toEqual([]);
  expect((await session.fetch('/api/orders')).status).toBe(200);
});

test('a user that is no text is refused', async () => {
  const { session, world } = await signedIn();
  for (const user of [7, {}, null, ['ann']]) {
    const failure = await failureOf(Reflect.apply(session.start, undefined, [world.server.login(), { user }]));
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain('user must be a string');
  }
  expect(session.state).toMatchObject({ status: 'active', generation: 0 });
});

const text =
  (body: BodyInit, init: ResponseInit = {}) =>
  () =>
    new Response(body, { headers: { 'content-type': 'application/json' }, ...init });
const MEBIBYTE = 1_048_576;

/** Answers that are no tokens. */
const BAD_BODIES: readonly (readonly [claim: string, make: () => Response | Promise<Response>])[] = [
  ...REFUSED_MEMBERS.map(([claim, field, literal]): [string, () => Response] => [
    `${claim} (${field})`,
    text(answerText({ [field]: literal })),
  ]),
  [
    'a page with 200: a captive portal',
    text(`<!doctype html><p>${CANARY}`, { headers: { 'content-type': 'text/html' } }),
  ],
  ['a page that says it is JSON', text(`<!doctype html><p>${CANARY}`)],
  ['204', () => new Response(null, { status: 204 })],
  ['no body', () => new Response(null)],
  ['an empty body', text('')],
  ['blanks', text(' \n\t ')],
  ['JSON cut short', text(answerText({ access_token: `"${CANARY}"` }).slice(0, -1))],
  ['JSON cut in the middle of the token', text(`{"access_token":"${CANARY}`)],
  ['a token alone', text(CANARY)],
  ['a token as JSON', text(`"${CANARY}"`)],
  ['null', text('null')],
  ['a number', text('7')],
  ['a JSON array', text(`[${answerText({ access_token: `"${CANARY}"` })}]`)],
  ['an empty object', text('{}')],
  ['two objects', text(answerText({ access_token: `"${CANARY}"` }).repeat(2))],
  ['tokens and more behind them', text(`${answerText()}${CANARY}`)],
  ['JavaScript', text(`({access_token:'${CANARY}'})`)],
  ['JSON with a guard in front', text(`)]}',\n${answerText()}`)],
  ['a form', text(`access_token=${CANARY}&token_type=Bearer`)],
  ['UTF-16', text(Buffer.from(`\uFEFF${answerText()}`, 'utf16le'))],
  [
    'bytes that are no UTF-8, in the token',
    text(Buffer.from(answerText({ access_token: `"${CANARY}\u00FF"` }), 'latin1')),
  ],
  ['two byte order marks', text(`\uFEFF\uFEFF${answerText()}`)],
  ['10 MiB of nothing', text(' '.repeat(10 * MEBIBYTE))],
  ['10 MiB of nothing before the tokens', text(' '.repeat(10 * MEBIBYTE) + answerText())],
  ['10 MiB of nothing behind the tokens', text(answerText() + ' '.repeat(10 * MEBIBYTE))],
  ['10 MiB in an unknown member', text(answerText({ extra: JSON.stringify('x'.repeat(10 * MEBIBYTE)) }))],
  ['10 MiB of token', text(answerText({ access_token: JSON.stringify(CANARY.padEnd(10 * MEBIBYTE, 'x')) }))],
  ['a mebibyte and a byte', text(answerText().padEnd(MEBIBYTE + 1))],
  ['100,000 arrays in each other', text(nested(100_000))],
  ['100,000 arrays that never close', text('['.repeat(100_000))],
  ['100,000 objects that never close', text('{"a":'.repeat(100_000))],
  ['tokens in a `__proto__` member', text(`{"__proto__":${answerText()}}`)],
  ['tokens in a `constructor` member', text(`{"constructor":{"prototype":${answerText()}}}`)],
  ['a stream that never ends', () => new Response(endless())],
  ['a stream that breaks', () => new Response(broken())],
];

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(0x20)) });
}

function broken(): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream({
    pull: (controller) => {
      pulls += 1;
      if (pulls === 1) controller.enqueue(Buffer.from(`{"access_token":"${CANARY}`));
      else controller.error(new TypeError('terminated'));
    },
  });
}

describe('a rotation has no usable answer, the tokens are kept, and it recovers, when the server sends', () => {
  test.each(BAD_BODIES)('%s', async (_, make) => {
    const { session, world } = await signedIn();
    const record = await world.vault.read();
    world.server.fault = make;
    const failure = await failureOf(session.rotate());
    expect(failure).toMatchObject({
      name: 'RotationError',
      code: 'ERR_ROTATION',
      permanent: false,
      status: (await make()).status,
    });
    expect(session.state).toMatchObject({ status: 'stale', generation: 0, retryAt: Object(failure).retryAt });
    expect(await world.vault.read()).toMatchObject({ generation: 0, sealed: record?.sealed, attempt: { lost: true } });
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.at(-1)?.authorization).toBe('Bearer access-1');
    world.server.fault = undefined;
    await world.clock.advance(60);
    expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.at(-1)?.authorization).toBe('Bearer access-2');
    expect(world.server.reuses()).toBe(0);
    expect(world.server.revoked).toEqual([]);
    expect(shown([failure, session.inspect(), world.logs])).not.toContain(CANARY);
  });

  test.each<[claim: string, make: () => Response | Promise<Response>]>([
    ['nothing, not even headers', () => new Promise(() => undefined)],
    ['headers, and then nothing', () => new Response(new ReadableStream({}))],
    [
      'half the tokens, and then nothing',
      () =>
        new Response(
          new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(answerText().slice(0, 30))) }),
        ),
    ],
    ['headers of a 500, and then nothing', () => new Response(new ReadableStream({}), { status: 500 })],
    ['headers of a 401, and then nothing', () => new Response(new ReadableStream({}), { status: 401 })],
  ])('%s: the request limit cuts it', async (_, make) => {
    const { session, world } = await signedIn({ oauth2: { lostAnswer: { resends: 9 } } });
    world.server.fault = make;
    const rotating = failureOf(session.rotate());
    await world.clock.advance(14.999);
    expect(await Promise.race([rotating, settle().then(() => 'pending')])).toBe('pending');
    await world.clock.advance(0.001);
    expect(await rotating).toMatchObject({ name: 'RotationError', permanent: false, cause: { name: 'TimeoutError' } });
    expect(session.state).toMatchObject({ status: 'stale', generation: 0 });
    world.server.fault = undefined;
    await world.clock.advance(60);
    expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    expect(world.server.reuses()).toBe(0);
  });
});

describe('with a dead token a request waits out', () => {
  test.each(BAD_BODIES)('%s', async (_, make) => {
    const { session, world } = await signedIn({ keepAlive: 'demand' });
    world.server.fault = make;
    await world.clock.advance(600);
    const call = session.fetch('/api/orders');
    await world.clock.advance(2);
    expect(world.server.sent.length).toBeGreaterThan(0);
    expect(world.server.calls).toEqual([]);
    world.server.fault = undefined;
    await world.clock.advance(30);
    expect((await call).status).toBe(200);
    expect(world.server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer access-2']);
  });
});

describe('a rotation is good when the server sends', () => {
  test.each<[claim: string, token: string, body: BodyInit]>([
    ['a byte order mark before the tokens', 'next-access', `\uFEFF${answerText()}`],
    ['blanks around the tokens', 'next-access', ` \r\n${answerText()}\t `],
    ['a `__proto__` member', 'next-access', answerText({ ['__proto__']: '{"polluted":true,"refresh_token":"evil"}' })],
    ['a `constructor` member', 'next-access', answerText({ constructor: '{"prototype":{"polluted":true}}' })],
    ['a `then` member', 'next-access', answerText(Object.fromEntries([['then', '"x"']]))],
    ['100,000 arrays in an unknown member', 'next-access', answerText({ extra: nested(100_000) })],
    [
      'half a mebibyte in an unknown member',
      'next-access',
      answerText({ extra: JSON.stringify('x'.repeat(MEBIBYTE / 2)) }),
    ],
    ['just a mebibyte', 'next-access', answerText().padEnd(MEBIBYTE)],
    [
      'a member twice: the last counts',
      'last',
      `{"access_token":"first",${answerText({ access_token: undefined }).slice(1, -1)},"access_token":"last"}`,
    ],
    ['an encrypted token of five parts', 'aa.bb.cc.dd.ee', answerText({ access_token: '"aa.bb.cc.dd.ee"' })],
    ['a token of one byte', 'x', answerText({ access_token: '"x"' })],
    [
      'tokens of 16 KiB',
      'x'.repeat(16_384),
      answerText({ access_token: `"${'x'.repeat(16_384)}"`, refresh_token: `"${'y'.repeat(16_384)}"` }),
    ],
    ['the access token that is held already', 'access-1', answerText({ access_token: '"access-1"' })],
    ['the type in capitals', 'next-access', answerText({ token_type: '"BEARER"' })],
  ])('%s', async (_, token, body) => {
    const { session, world } = await signedIn();
    world.server.fault = () => new Response(body);
    await session.rotate();
    expect(session.state).toMatchObject({ status: 'active', generation: 1 });
    expect(await session.token()).toBe(token);
    expect({}).not.toHaveProperty('polluted');
    const again = world.open();
    await again.ready;
    expect(await again.token()).toBe(token);
  });

  test.each(ACCEPTED_LIVES)('%s: %s s', async (_, life, changes) => {
    const { session, world } = await signedIn({ keepAlive: 'demand' });
    world.server.fault = () => new Response(answerText(changes));
    await session.rotate();
    expect(session.state).toMatchObject({
      generation: 1,
      status: life !== undefined && life <= 0 ? 'stale' : 'active',
    });
    expect(Object(session.state).expiresAt).toBe(life === undefined ? undefined : world.clock.now() + life * 1_000);
  });
});

describe('a start is good when it is given', () => {
  test.each(ACCEPTED_LIVES)('%s: %s s', async (_, life, changes) => {
    const world = createWorld();
    const session = world.open({ keepAlive: 'demand' });
    await session.start(answerOf(changes));
    expect(session.state).toMatchObject({
      generation: 0,
      status: life !== undefined && life <= 0 ? 'stale' : 'active',
    });
    expect(Object(session.state).expiresAt).toBe(life === undefined ? undefined : world.clock.now() + life * 1_000);
  });

  test('a life beyond all alarms: nothing is sent for a year', async () => {
    const world = createWorld();
    const session = world.open();
    await session.start(answerOf({ expires_in: '1e300' }));
    await world.clock.advance(31_536_000);
    expect(session.state).toMatchObject({ status: 'active', generation: 0 });
    expect(world.server.sent).toEqual([]);
  });

  test('no life at all: the session lasts until a refusal, which rotates once', async () => {
    const world = createWorld();
    const session = world.open();
    const { expires_in: _, ...response } = world.server.login();
    await session.start(response);
    await world.clock.advance(100);
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.sent).toEqual([]);
    await world.clock.advance(300);
    expect((await session.fetch('/api/orders')).status).toBe(200);
    expect(world.server.calls.map(({ authorization, status }) => [authorization, status])).toEqual([
      ['Bearer access-1', 200],
      ['Bearer access-1', 401],
      ['Bearer access-2', 200],
    ]);
  });
});

test.each([0, 0.4, 1])('tokens that live %s s are not chased: at most ten rotations a minute', async (life) => {
  const world = createWorld({ life });
  const session = world.open();
  await session.start(world.server.login());
  const pending = [session.fetch('/api/a'), session.fetch('/api/b')].map(failureOf);
  await world.clock.advance(59.999);
  expect(world.server.rotations()).toBeGreaterThan(0);
  expect(world.server.rotations()).toBeLessThanOrEqual(10);
  expect(world.server.reuses()).toBe(0);
  await world.clock.advance(61);
  await Promise.all(pending);
});

test("a rotation that brings somebody else's tokens ends the session, and they are revoked", async () => {
  const world = createWorld();
  const session = world.open();
  const of = (sub: string) => JSON.stringify(jwt({ iss: 'https://as.example.com', sub }));
  await session.start(answerOf({ access_token: of('ann') }));
  world.server.fault = () => new Response(answerText({ access_token: of('bob'), refresh_token: '"of-bob"' }));
  await expect(session.rotate()).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'replaced' });
  expect(session.state).toEqual({ status: 'ended', reason: 'replaced' });
  await settle();
  expect(world.server.revoked).toEqual(['of-bob']);
});

describe('no part of a token is in any error, record, event, state, message or snapshot, whatever fails:', () => {
  const SECRETS = {
    access_token: `"${CANARY}-access"`,
    refresh_token: `"${CANARY}-refresh"`,
    id_token: JSON.stringify(`${CANARY}-id`),
  };

  /** A session whose tokens are canaries, and all that it ever showed. */
  async function watched(
    given: {
      ports?: (world: ReturnType<typeof createWorld>) => Partial<Ports>;
      options?: Parameters<ReturnType<typeof createWorld>['open']>[0];
    } = {},
  ) {
    const world = createWorld();
    const seen: unknown[] = [world.logs];
    const messages: Message[] = [];
    const session = world.open(given.options, {
      tabs: { ...deafTabs, announce: (message) => void messages.push(message) },
      ...given.ports?.(world),
    });
    seen.push(messages);
    for (const type of ['started', 'rotated', 'stale', 'recovered', 'warning', 'ended'] as const)
      session.on(type, (event) => void seen.push(event));
    session.subscribe(() => void seen.push(session.state, session.inspect()));
    await session.start(answerOf(SECRETS));
    const see = async (...promises: Promise<unknown>[]) =>
      void seen.push(...(await Promise.all(promises.map(failureOf))));
    const check = () => {
      const all = shown([...seen, session.state, session.inspect(), world.logs]) + seen.map(shown).join('\n');
      expect(all).not.toContain(CANARY);
      return all;
    };
    return { world, session, see, check, seen };
  }

  const ECHO = `${CANARY}-refresh ${CANARY}-access`;
  test.each<[claim: string, make: () => Response | Promise<Response>]>([
    ['a page that repeats the request', () => new Response(`<html>${ECHO}`)],
    ['JSON cut short', () => new Response(`{"access_token":"${CANARY}`)],
    ['a token alone', () => new Response(`${CANARY}-access`)],
    ['a token that no header takes', () => Response.json({ access_token: `${CANARY}\r\n`, token_type: 'Bearer' })],
    ['a type that is a token', () => Response.json({ access_token: 'x', token_type: CANARY })],
    ['a life that is a token', () => Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: CANARY })],
    [
      '400 with the token in the description',
      () => Response.json({ error: 'invalid_request', error_description: ECHO }, { status: 400 }),
    ],
    ['400 with the token for an error', () => Response.json({ error: `${CANARY}-refresh` }, { status: 400 })],
    ['400 with the token for an error and no page', () => new Response(ECHO, { status: 400 })],
    [
      '401 invalid_client with the token',
      () =>
        Response.json(
          { error: 'invalid_client', error_uri: ECHO },
          { status: 401, headers: { 'www-authenticate': ECHO } },
        ),
    ],
    [
      '400 invalid_grant with the token',
      () => Response.json({ error: 'invalid_grant', error_description: ECHO }, { status: 400 }),
    ],
    ['404 with the token', () => new Response(ECHO, { status: 404, statusText: CANARY })],
    ['429 with the token', () => new Response(ECHO, { status: 429, headers: { 'retry-after': CANARY } })],
    ['500 with the token', () => new Response(ECHO, { status: 500, statusText: CANARY })],
    [
      'a redirect with the token',
      () => new Response(null, { status: 302, headers: { location: `https://evil.com/?${CANARY}` } }),
    ],
    ['a network error', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('a rotation that meets %s', async (_, make) => {
    const { check, see, session, world } = await watched();
    world.server.fault = make;
    await see(session.rotate());
    await world.clock.advance(600);
    await see(session.rotate(), session.token({ minValidity: 60, signal: AbortSignal.abort() }));
    const calls = see(session.fetch('/api/a'), session.fetch('/api/b', { method: 'POST', body: 'x' }), session.token());
    await world.clock.advance(61);
    await calls;
    await session.end();
    await see(session.fetch('/api/a'), session.token(), session.rotate());
    expect(check()).toMatch(/RotationError|SessionEndedError/);
  });

  test.each(BAD_RESPONSES)('a start that is given %s (%s)', async (_, _field, response) => {
    const { check, see, session } = await watched();
    await see(session.start(response), session.fetch('/api/a'));
    expect(check()).toContain('TypeError');
  });

  test('a rotation that is never answered, and requests that wait too long, are too many, or are aborted', async () => {
    const { check, see, session, world } = await watched({ options: { queue: { limit: 2, timeout: 10 } } });
    world.server.fault = () => new Promise(() => undefined);
    await world.clock.advance(600);
    const controller = new AbortController();
    const calls = see(
      ...Array.from({ length: 4 }, () => session.fetch('/api/a', { signal: controller.signal })),
      session.rotate(),
    );
    await world.clock.advance(5);
    controller.abort();
    const more = see(session.fetch('/api/a'), session.token());
    await world.clock.advance(30);
    await calls;
    await more;
    const all = check();
    for (const name of ['QueueTimeoutError', 'QueueFullError', 'RotationError', 'AbortError'])
      expect(all).toContain(name);
  });

  test('a refusal, and a body that cannot be sent again', async () => {
    const { check, see, session, world } = await watched();
    const body = () => new ReadableStream({ start: (controller) => controller.close() });
    world.server.fault = () =>
      new Response(answerText({ access_token: `"${CANARY}-next"`, refresh_token: `"${CANARY}-later"` }));
    const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body: body(), duplex: 'half' };
    await see(session.fetch('/api/a', init), session.fetch('/api/b'));
    expect(world.server.calls.some(({ authorization }) => authorization === `Bearer ${CANARY}-next`)).toBe(true);
    expect(check()).toContain('BodyNotReplayableError');
  });

  const failing = (world: ReturnType<typeof createWorld>, fails: () => boolean): Vault => ({
    ...world.vault,
    read: () =>
      fails() ? Promise.reject(new DOMException('The database is closing.', 'InvalidStateError')) : world.vault.read(),
    update: (change) =>
      fails() ? Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError')) : world.vault.update(change),
  });

  test('storage that fails at every step', async () => {
    let isBroken = true;
    const { check, see, session, world } = await watched({
      ports: (world) => ({ vault: failing(world, () => isBroken) }),
    });
    const refused = see(session.rotate(), session.fetch('/api/a'));
    await world.clock.advance(61);
    await refused;
    isBroken = false;
    world.server.fault = () => {
      isBroken = true; // The tokens have come, and cannot be stored.
      return new Response(answerText({ access_token: `"${CANARY}-next"`, refresh_token: `"${CANARY}-later"` }));
    };
    await world.clock.advance(400);
    const calls = see(session.rotate(), session.fetch('/api/a'));
    await world.clock.advance(70);
    await calls;
    await world.comeBack();
    await session.end();
    await settle();
    expect(check()).toContain('storage.failed');
  });

  test('a record that cannot be opened, and one that somebody else wrote', async () => {
    const world = createWorld();
    const first = world.open();
    await first.start(answerOf(SECRETS));
    first.dispose();
    await settle();
    const texts = [
      `{"accessToken":"${CANARY}`,
      CANARY,
      JSON.stringify({ accessToken: `${CANARY}\n` }),
      JSON.stringify([CANARY]),
    ];
    for (const stored of texts) {
      const session = world.open({}, { seal: { seal: async () => ({}), open: async () => stored } });
      await world.clock.advance(1); // Nobody answers.
      await session.ready;
      expect(session.state).toEqual({ status: 'absent' });
    }
    expect(world.logs.filter(({ event }) => event === 'storage.unreadable')).toHaveLength(texts.length);
    expect(shown(world.logs)).not.toContain(CANARY);
  });

  test('a listener and a logger that throw', async () => {
    const { check, see, session } = await watched({
      options: {
        logger: (record) => {
          throw new Error(`No room for ${record.event}.`);
        },
      },
    });
    session.subscribe(() => {
      throw new Error('A listener of the app.');
    });
    await see(session.rotate());
    await session.end();
    expect(check()).toContain('A listener of the app.');
  });

  test('a revocation that is refused, with the token in the answer', async () => {
    const { check, session } = await watched({
      ports: (world) => ({
        network: {
          isOnline: () => true,
          fetch: async (input, init) =>
            String(input) === TOKEN_ENDPOINT
              ? world.server.fetch(input, init)
              : new Response(ECHO, { status: 503, statusText: CANARY }),
        },
      }),
    });
    await session.end();
    await settle();
    check();
  });

  test('a session that is looked at by all means', async () => {
    const { check, seen, session } = await watched();
    const members: (keyof Session)[] = [
      'state',
      'inspect',
      'ready',
      'on',
      'subscribe',
      'fetch',
      'token',
      'rotate',
      'start',
      'end',
    ];
    seen.push(
      session,
      ...members.map((name) => session[name]),
      structuredClone(session.state),
      structuredClone(session.inspect()),
    );
    check();
  });
});
