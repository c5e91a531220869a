/** The backend for the frontend: what it is sent, what its answers mean, and where its cookies go. */
import { describe, expect, test } from 'vitest';
import { cookies, type CookiesOptions } from '../../src/servers/cookies.ts';
import { recordingContext } from '../doubles/server-context.ts';
import { createWorld, settle } from '../doubles/world.ts';
import { testMisuse } from './answers.ts';

const OPTIONS: CookiesOptions = {
  refreshUrl: 'https://bff.example.com/refresh',
  logoutUrl: 'https://bff.example.com/logout',
};
const NOW = Date.UTC(2026, 0, 1);
const inMinutes = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

async function rotated(answer: Response, options: Partial<CookiesOptions> = {}) {
  return cookies({ ...OPTIONS, ...options }).rotate({}, recordingContext(() => answer, NOW).context);
}

describe('a rotation', () => {
  test('is a POST without a body, with the cookies and the header against forgery', async () => {
    const { context, sent } = recordingContext(() => Response.json({}), NOW);
    await cookies(OPTIONS).rotate({}, context);
    expect(sent).toEqual([
      {
        url: OPTIONS.refreshUrl,
        init: { method: 'POST', credentials: 'include', headers: { accept: 'application/json', 'x-csrf': '1' } },
      },
    ]);
  });

  test.each<[claim: string, answer: () => Response, tokens: unknown, options?: Partial<CookiesOptions>]>([
    ['204 tells nothing', () => new Response(null, { status: 204 }), { life: undefined, endsIn: undefined }],
    [
      '204 leaves it at the fixed life',
      () => new Response(null, { status: 204 }),
      { life: 300_000 },
      { defaultLife: 300 },
    ],
    ['201 is as good as 200', () => Response.json({ expires_in: 60 }, { status: 201 }), { life: 60_000 }],
    ['seconds may be a string', () => Response.json({ expires_in: '0.5' }), { life: 500 }],
    [
      'both are told',
      () => Response.json({ expires_in: 60, refresh_expires_in: 600 }),
      { life: 60_000, endsIn: 600_000 },
    ],
    ['0 means that the session has no end', () => Response.json({ refresh_expires_in: 0 }), { endsIn: undefined }],
    ['a date is one of the end', () => Response.json({ expires_in: inMinutes(5) }), { life: 300_000 }],
    [
      'a date is held against the clock of the server',
      () => Response.json({ expires_in: inMinutes(5) }, { headers: { date: new Date(NOW + 60_000).toUTCString() } }),
      { life: 240_000 },
    ],
    [
      'a date that has passed says that our clock is wrong',
      () => Response.json({ expires_in: inMinutes(-5) }),
      { life: undefined },
    ],
    [
      'members have the names of the backend',
      () => Response.json({ accessEnd: 60, end: inMinutes(9) }),
      { life: 60_000, endsIn: 540_000 },
      { fields: { expiresIn: 'accessEnd', refreshExpiresIn: 'end' } },
    ],
    [
      'a header tells it',
      () => new Response(null, { status: 204, headers: { 'x-expires': '90' } }),
      { life: 90_000 },
      { header: 'x-expires' },
    ],
    [
      'a header tells it beside nothing',
      () => new Response(null, { headers: { 'x-expires': '90' } }),
      { life: 90_000 },
      { header: 'x-expires' },
    ],
    ['200 and nothing leaves it at the fixed life', () => new Response(null), { life: 300_000 }, { defaultLife: 300 }],
    ['a life beyond all reason is cut', () => Response.json({ expires_in: 1e300 }), { life: 36_525 * 86_400_000 }],
  ])('%s', async (_, answer, tokens, options) => {
    expect(await rotated(answer(), options)).toMatchObject({ outcome: 'rotated', tokens });
  });

  test.each<[claim: string, answer: () => Response, outcome: string]>([
    ['401', () => new Response(null, { status: 401 }), 'rejected'],
    ['invalid_grant', () => Response.json({ error: 'invalid_grant' }, { status: 400 }), 'rejected'],
    ['403 for a missing header', () => new Response(null, { status: 403 }), 'misconfigured'],
    ['404', () => new Response(null, { status: 404 }), 'misconfigured'],
    ['429', () => new Response(null, { status: 429 }), 'held-back'],
    ['503', () => new Response(null, { status: 503 }), 'unknown'],
    ['a page to sign in', () => new Response('<h1>sign in', { headers: { 'content-type': 'text/html' } }), 'unknown'],
    ['nothing where JSON was due', () => new Response(null), 'unknown'],
    ['an array', () => new Response('[]'), 'unknown'],
    ['a life that is none', () => Response.json({ expires_in: 'soon 1' }), 'unknown'],
    ['a negative life', () => Response.json({ expires_in: -1 }), 'unknown'],
  ])('%s is taken for the outcome %s', async (_, answer, outcome) => {
    expect((await rotated(answer())).outcome).toBe(outcome);
  });
});

test('cookies and header go to the origin of the backend, and never to another', () => {
  const { attach } = cookies({ ...OPTIONS, headers: { 'x-a': 'b' } });
  const asked = (url: string) => attach({ url, method: 'GET' }, {});
  expect(asked('https://bff.example.com/api')).toEqual({ headers: { 'x-a': 'b' }, credentials: 'include' });
  for (const url of [
    'https://bff.example.com.evil.net/',
    'http://bff.example.com/',
    'https://bff.example.com:444/',
    'https://api.example.com/',
  ])
    expect(asked(url)).toEqual({ headers: {} });
});

test('a login says how long its cookies live, or nothing', () => {
  const { readTokens } = cookies(OPTIONS);
  expect(readTokens({})).toEqual({});
  expect(readTokens({ expires_in: 60, refresh_expires_in: 600 })).toEqual({ life: 60_000, endsIn: 600_000 });
  expect(readTokens({ expires_in: new Date(0).toISOString() })).toEqual({ life: 0 });
  expect(() => readTokens('<p>')).toThrow(TypeError);
});

test('401 is a refusal, and nothing else is', () => {
  const { isRefusal } = cookies(OPTIONS);
  const refused = [200, 400, 401, 403, 404, 419, 422, 500].filter((status) => {
    const response = new Response(null, { status });
    return isRefusal({ request: { url: 'https://bff.example.com/api', method: 'GET' }, response }) === true;
  });
  expect(refused).toEqual([401]);
  const elsewhere = { url: 'https://api.example.com/', method: 'GET' };
  expect(isRefusal({ request: elsewhere, response: new Response(null, { status: 401 }) })).toBe(false);
});

test('a lost answer is asked after where there is something to ask, and costs no second refresh', async () => {
  const probeUrl = 'https://bff.example.com/me';
  const server = cookies({ ...OPTIONS, probeUrl });
  expect(server.lostAnswer).toBe('probe');
  const { context, sent } = recordingContext(() => new Response('me'), NOW);
  // As long as those before.
  expect(await server.probe?.({ life: 4_000 }, context)).toEqual({ outcome: 'rotated', tokens: { life: 4_000 } });
  expect(sent).toEqual([
    {
      url: probeUrl,
      init: { method: 'GET', credentials: 'include', headers: { accept: 'application/json', 'x-csrf': '1' } },
    },
  ]);
  const refused = recordingContext(() => new Response(null, { status: 401 }), NOW);
  expect((await server.probe?.({}, refused.context))?.outcome).toBe('rejected');
  const down = recordingContext(() => new Response(null, { status: 502 }), NOW);
  expect((await server.probe?.({}, down.context))?.outcome).toBe('unknown');
  expect(cookies(OPTIONS).lostAnswer).toEqual({});
  expect(cookies({ ...OPTIONS, probeUrl, lostAnswer: 'end' }).lostAnswer).toBe('end');
});

/** A world whose network remembers what was sent, and answers. */
function recordingWorld(answer: () => Response) {
  const sent: { readonly url: string; readonly init: RequestInit }[] = [];
  const network = {
    isOnline: () => true,
    fetch: async (input: RequestInfo | URL, init: RequestInit = {}) => {
      sent.push({ url: String(input), init });
      return answer();
    },
  };
  return { network, sent, world: createWorld() };
}

test('a session is kept by cookies that no script sees, goes out as the page leaves, and is signed out at the backend', async () => {
  const { network, sent, world } = recordingWorld(() => Response.json({}));
  const server = cookies({ ...OPTIONS, defaultLife: 300 });
  const session = world.open({ server, resources: ['https://bff.example.com/api'] }, { network });
  await session.start({});
  await session.fetch('https://bff.example.com/api/orders', { credentials: 'omit' });
  await world.clock.advance(290);
  await session.end();
  await settle();
  expect(sent).toMatchObject([
    { url: 'https://bff.example.com/api/orders', init: { credentials: 'include', headers: { 'x-csrf': '1' } } },
    { url: OPTIONS.refreshUrl, init: { method: 'POST', credentials: 'include', keepalive: true, redirect: 'error' } },
    { url: OPTIONS.logoutUrl, init: { method: 'POST', credentials: 'include', keepalive: true } },
  ]);
});

test('a resource of another site is called without cookies, without the header, and its 401 renews nothing', async () => {
  const { network, sent, world } = recordingWorld(() => new Response(null, { status: 401 }));
  const elsewhere = 'https://api.example.org/orders';
  const session = world.open({ server: cookies(OPTIONS), resources: [elsewhere] }, { network });
  await session.start({ expires_in: 300 });
  expect((await session.fetch(elsewhere)).status).toBe(401);
  expect(sent.map(({ url }) => url)).toEqual([elsewhere]);
  expect(new Headers(sent[0]?.init.headers).has('x-csrf')).toBe(false);
  expect(sent[0]?.init.credentials).not.toBe('include');
});

describe('options', () => {
  testMisuse('cookies', cookies, { refreshUrl: '/refresh' });

  test.each<[name: string, value: unknown]>([
    ['logoutUrl', ''],
    ['probeUrl', 7],
    ['header', ''],
    ['defaultLife', 0],
    ['defaultLife', 86_400_000],
    ['headers', []],
    ['headers', { 'x-a': 1 }],
    ['headers', { 'x a': 'b' }],
    ['headers', { 'x-a': 'b\r\nc: d' }],
    ['fields', 'x'],
    ['fields', { expires: 'x' }],
    ['fields.expiresIn', { expiresIn: '' }],
    ['lostAnswer', 'resend'],
  ])('%s of the wrong kind is a TypeError that names it', (name, value) => {
    const make = () => Reflect.apply(cookies, undefined, [{ ...OPTIONS, [name.split('.')[0] ?? '']: value }]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(name);
  });

  test('that are left out leave nothing to revoke and nothing to probe', () => {
    const server = cookies({ refreshUrl: '/refresh' });
    expect(server.endpoints).toEqual(['/refresh']);
    expect(server.revoke).toBeUndefined();
    expect(server.probe).toBeUndefined();
  });
});
