/** Discovery: which addresses are asked, what is believed of the answers, and what becomes of the session meanwhile. */
import { describe, expect, test } from 'vitest';
import { createScope } from '../../src/core/scope.ts';
import { oauth2, type OAuth2Options } from '../../src/servers/oauth2.ts';
import { REVOCATION_ENDPOINT, ORIGIN, TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle } from '../doubles/world.ts';

const ISSUER = 'https://as.example.com';
const METADATA = { issuer: ISSUER, token_endpoint: TOKEN_ENDPOINT, revocation_endpoint: REVOCATION_ENDPOINT };

type Answer = (() => Response) | 'cut off';

/** A machine whose authorization server has metadata: by URL, and 404 where there is none. */
function machine(answers: Record<string, Answer>, issuer = ISSUER) {
  const world = createWorld();
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input);
    if (url === `${ISSUER}/old`) return new Response(null, { status: 404 });
    if (!url.includes('.well-known')) return world.server.fetch(input, init);
    asked.push(url);
    if (init !== undefined) expect(init).toMatchObject({ redirect: 'error', cache: 'no-store', credentials: 'omit' });
    const answer = answers[url];
    if (answer === 'cut off') throw new TypeError('Failed to fetch');
    return answer?.() ?? new Response('<h1>Not found</h1>', { status: 404 });
  };
  const open = (server = oauth2({ issuer, clientId: 'spa' })) =>
    world.open(
      { server, resources: ['/api/', `${ISSUER}/`] },
      { network: { fetch, isOnline: () => world.network.isOnline } },
    );
  const signIn = async () => {
    const session = open();
    await session.start(world.server.login());
    return session;
  };
  return { answers, asked, open, signIn, world };
}

const OPENID = `${ISSUER}/.well-known/openid-configuration`;
const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`;
const good = () => Response.json(METADATA);

describe('the metadata', () => {
  test.each([
    ['https://as.example.com', OPENID, OAUTH],
    ['https://as.example.com/', OPENID, OAUTH],
    [
      'https://as.example.com/realms/a',
      `${ISSUER}/realms/a/.well-known/openid-configuration`,
      `${ISSUER}/.well-known/oauth-authorization-server/realms/a`,
    ],
    [
      'https://as.example.com/realms/a/',
      `${ISSUER}/realms/a/.well-known/openid-configuration`,
      `${ISSUER}/.well-known/oauth-authorization-server/realms/a`,
    ],
    [
      'http://127.0.0.1:3000',
      'http://127.0.0.1:3000/.well-known/openid-configuration',
      'http://127.0.0.1:3000/.well-known/oauth-authorization-server',
    ],
  ])('of %s is looked for at both addresses, OpenID’s and RFC 8414’s', async (issuer, ...places) => {
    const { asked, signIn, world } = machine(
      { [places[1] ?? '']: () => Response.json({ ...METADATA, issuer }) },
      issuer,
    );
    const session = await signIn();
    expect(asked).toEqual([]);
    await session.rotate();
    expect(asked).toEqual(places);
    expect(world.server.rotations()).toBe(1);
  });

  test('is asked for once in a page’s life', async () => {
    const { asked, signIn, world } = machine({ [OPENID]: good });
    const session = await signIn();
    await session.rotate();
    await world.clock.advance(3_600);
    expect(world.server.rotations()).toBeGreaterThan(5);
    expect(asked).toEqual([OPENID]);
  });

  test('names where a sign-out is told, also when nothing was rotated before', async () => {
    const { signIn, world } = machine({ [OPENID]: good });
    const session = await signIn();
    await session.end();
    await settle();
    expect(world.server.revoked).toEqual(['refresh-1']);
  });

  test.each([undefined, null, '', 7, 'http://x.com/', 'http://internal:8080/revoke'])(
    'whose revocation endpoint is %j makes a sign-out local',
    async (endpoint) => {
      const { signIn, world } = machine({
        [OPENID]: () => Response.json({ ...METADATA, revocation_endpoint: endpoint }),
      });
      const session = await signIn();
      await session.rotate();
      expect(world.server.rotations()).toBe(1);
      await session.end();
      await settle();
      expect(world.server.sent).toHaveLength(1);
      expect(session.state.status).toBe('ended');
    },
  );

  test('makes the endpoints known: a request to them gets no token, before it and after', async () => {
    const { signIn, world } = machine({ [OPENID]: good });
    const session = await signIn();
    await session.fetch(OPENID);
    await session.rotate();
    await session.fetch(TOKEN_ENDPOINT, { method: 'POST' });
    await session.fetch(`${ISSUER}/me`);
    const sent = world.server.sent.map(({ url, init }) => [url, new Headers(init.headers).get('authorization')]);
    expect(sent).toEqual([
      [TOKEN_ENDPOINT, null],
      [TOKEN_ENDPOINT, null],
    ]);
    expect(world.server.calls).toMatchObject([{ url: `${ISSUER}/me`, authorization: 'Bearer access-2' }]);
  });
});

describe('the session lives, and nothing is sent to a token endpoint', () => {
  const wrong = (changes: Record<string, unknown>) => () => Response.json({ ...METADATA, ...changes });

  test.each<[claim: string, code: string, metadata: () => Response]>([
    ['of another issuer', 'issuer_mismatch', wrong({ issuer: 'https://evil.example.com' })],
    ['of an issuer with a slash more', 'issuer_mismatch', wrong({ issuer: `${ISSUER}/` })],
    ['of an issuer in other letters', 'issuer_mismatch', wrong({ issuer: 'https://AS.example.com' })],
    ['of an issuer with its port', 'issuer_mismatch', wrong({ issuer: `${ISSUER}:443` })],
    ['of no issuer', 'issuer_mismatch', wrong({ issuer: undefined })],
    ['of an issuer in an array', 'issuer_mismatch', wrong({ issuer: [ISSUER] })],
    ['of an inherited issuer', 'issuer_mismatch', () => new Response(`{"__proto__":${JSON.stringify(METADATA)}}`)],
    ['without a token endpoint', 'bad_endpoint', wrong({ token_endpoint: undefined })],
    ['with a token endpoint of null', 'bad_endpoint', wrong({ token_endpoint: null })],
    ['with a relative token endpoint', 'bad_endpoint', wrong({ token_endpoint: '/token' })],
    ['with a token endpoint in an array', 'bad_endpoint', wrong({ token_endpoint: [TOKEN_ENDPOINT] })],
    ['with a token endpoint in the clear', 'bad_endpoint', wrong({ token_endpoint: 'http://as.example.com/token' })],
    ['with a script for a token endpoint', 'bad_endpoint', wrong({ token_endpoint: 'javascript:alert(1)' })],
    ['with credentials in it', 'bad_endpoint', wrong({ token_endpoint: 'https://a:b@as.example.com/token' })],
    ['with a fragment in it', 'bad_endpoint', wrong({ token_endpoint: `${TOKEN_ENDPOINT}#x` })],
    ['that is nowhere', 'no_metadata', () => new Response(null, { status: 404 })],
    ['that is forbidden', 'no_metadata', () => new Response(null, { status: 403 })],
  ])('metadata %s is a matter of configuration: %s', async (_, code, metadata) => {
    const { signIn, world } = machine({ [OPENID]: metadata });
    const session = await signIn();
    await expect(session.rotate()).rejects.toMatchObject({
      name: 'RotationError',
      permanent: true,
      message: expect.stringContaining(code),
    });
    expect(world.server.sent).toEqual([]);
    expect(session.state.status).toBe('stale');
  });

  test.each<[claim: string, openid: Answer, oauth?: Answer]>([
    ['is out of reach', 'cut off', 'cut off'],
    ['is out of reach at one address and nowhere at the other', 'cut off'],
    ['is down', () => new Response('down', { status: 503 })],
    ['is asked too often', () => new Response(null, { status: 429 })],
    ['is a page', () => new Response('<h1>Sign in to the hotel</h1>')],
    ['is cut', () => new Response('{"issuer":')],
    ['is an array', () => new Response('[]')],
    ['is null', () => new Response('null')],
    ['is empty', () => new Response(null)],
    ['has two mebibytes', () => new Response(`"${'x'.repeat(2_097_152)}"`)],
  ])('metadata that %s may come yet, and the next try finds it', async (_, openid, oauth) => {
    const { answers, signIn, world } = machine({ [OPENID]: openid, ...(oauth && { [OAUTH]: oauth }) });
    const session = await signIn();
    await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError', permanent: false });
    expect(world.server.sent).toEqual([]);
    expect(session.state.status).toBe('stale');
    answers[OPENID] = good;
    await world.clock.advance(300);
    expect(session.state.status).toBe('active');
    expect(world.server.rotations()).toBeGreaterThan(0);
  });

  test.each<[claim: string, openid: Answer]>([
    ['is a page, as of servers that know one page only', () => new Response('<h1>App</h1>')],
    ['cannot be read across origins', 'cut off'],
    ['is of another issuer', wrong({ issuer: 'https://other.example.com' })],
  ])('where the first address %s, the second one counts', async (_, openid) => {
    const { signIn, world } = machine({ [OPENID]: openid, [OAUTH]: good });
    await (await signIn()).rotate();
    expect(world.server.rotations()).toBe(1);
  });
});

describe('a token endpoint that moves', () => {
  const elsewhere = () => Response.json({ ...METADATA, token_endpoint: 'https://evil.example.com/token' });

  test('to another origin in the midst of a session gets nothing, also after a reload and in another tab', async () => {
    const { answers, open, signIn, world } = machine({ [OPENID]: good });
    const session = await signIn();
    await session.rotate();
    answers[OPENID] = elsewhere;
    session.dispose();
    const reloaded = open();
    await reloaded.ready;
    await world.clock.advance(20);
    await expect(reloaded.rotate()).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('token_endpoint_moved'),
    });
    expect(world.server.sent).toHaveLength(1);
    expect(reloaded.state.status).toBe('stale');
    answers[OPENID] = good;
    await world.clock.advance(300);
    expect(reloaded.state.status).toBe('active');
    expect(world.server.rotations()).toBeGreaterThan(1);
  });

  test('to another origin gets nothing at a sign-out either', async () => {
    const { answers, open, signIn, world } = machine({ [OPENID]: good });
    const session = await signIn();
    await session.rotate();
    session.dispose();
    answers[OPENID] = elsewhere;
    const reloaded = open();
    await reloaded.ready;
    await reloaded.end();
    await settle();
    expect(world.server.revoked).toEqual([]);
    expect(world.server.sent).toHaveLength(1);
  });

  test('on its own origin is looked for again after the server has refused a request', async () => {
    const { answers, asked, signIn, world } = machine({
      [OPENID]: () => Response.json({ ...METADATA, token_endpoint: `${ISSUER}/old` }),
    });
    const session = await signIn();
    await expect(session.rotate()).rejects.toMatchObject({ name: 'RotationError', permanent: true });
    answers[OPENID] = good;
    await world.clock.advance(300);
    expect(asked).toEqual([OPENID, OPENID]);
    expect(world.server.rotations()).toBeGreaterThan(0);
  });
});

describe('an issuer', () => {
  const page = { base: () => `${ORIGIN}/`, origin: ORIGIN };

  test.each([
    ['in the clear', 'http://as.example.com'],
    ['relative', '/realms/a'],
    ['with a query', 'https://as.example.com/?a=1'],
    ['with a fragment', 'https://as.example.com/#a'],
    ['with credentials', 'https://a:b@as.example.com'],
    ['of another scheme', 'ftp://as.example.com'],
    ['no URL', 'https://['],
  ])('may not be %s: a TypeError names it', (_, issuer) => {
    expect(() => oauth2({ issuer, clientId: 'spa' })).toThrow(TypeError);
    expect(() => oauth2({ issuer, clientId: 'spa' })).toThrow('issuer');
    expect(() => oauth2({ issuer, clientId: 'spa' })).not.toThrow('a:b');
  });

  test('is part of what the scope knows from the start: its metadata', () => {
    const scope = createScope({
      resources: [`${ISSUER}/`],
      except: [],
      server: oauth2({ issuer: ISSUER, clientId: 'spa' }),
      page,
    });
    expect([OPENID, OAUTH, TOKEN_ENDPOINT].map((url) => scope(url))).toEqual([false, false, true]);
  });

  test('excludes endpoints, by the types and by a TypeError', () => {
    const both = { issuer: ISSUER, tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' };
    // @ts-expect-error One or the other.
    const options: OAuth2Options = both;
    expect(() => oauth2(options)).toThrow('issuer');
    // @ts-expect-error The metadata names it.
    expect(() => oauth2({ issuer: ISSUER, revocationEndpoint: REVOCATION_ENDPOINT, clientId: 'spa' })).toThrow(
      'issuer',
    );
    // @ts-expect-error Neither.
    expect(() => oauth2({ clientId: 'spa' })).toThrow('tokenEndpoint');
  });
});
