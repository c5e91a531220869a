/** Our own token servers under the kit that we hand to those who write one, and the kit under servers that are wrong. */
import { describe, expect, test } from 'vitest';
import { oauth2, type RotationOutcome, type TokenServer } from '../../src/index.ts';
import { airflow, cookies, folio, json, keycloak, romm, stackit } from '../../src/servers.ts';
import { checkTokenServer, type FakeBackend } from '../../src/testing.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { supabase } from '../../demo/servers/supabase.ts';

const ORIGIN = 'https://as.example.com';

/** A backend whose refresh tokens work once. `form` makes its token responses. */
function backendOf(
  form: (count: number) => unknown,
  { status = 200, ...rest }: Partial<FakeBackend> & { readonly status?: number } = {},
): FakeBackend {
  let count = 0;
  const next = (): unknown => form((count += 1));
  const spent = new Set<string>();
  return {
    login: next,
    answer: async (request) => {
      const [token] = /refresh-\d+/.exec(await request.text()) ?? [];
      if (token !== undefined && spent.has(token)) return Response.json({ error: 'invalid_grant' }, { status: 400 });
      if (token !== undefined) spent.add(token);
      return Response.json(next(), { status });
    },
    ...rest,
  };
}

const oauth = (count: number) => ({
  access_token: `access-${count}`,
  refresh_token: `refresh-${count}`,
  token_type: 'Bearer',
  expires_in: 300,
});
const later = () => new Date(Date.now() + 600_000).toISOString();
const born = Math.floor(Date.now() / 1_000);
const pushed = (count: number) => jwt({ iat: born + count, exp: born + count + 600 });

const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign',
  'verify',
]);

let pushes = 0;
const rows: readonly (readonly [name: string, server: TokenServer, backend: FakeBackend])[] = [
  [
    'oauth2',
    oauth2({ tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, clientId: 'spa' }),
    backendOf(oauth),
  ],
  ['keycloak', keycloak({ url: ORIGIN, realm: 'test', clientId: 'spa' }), backendOf(oauth)],
  ['json', json({ url: `${ORIGIN}/token/refresh` }), backendOf(oauth)],
  [
    'romm',
    romm({ url: ORIGIN }),
    backendOf((count) => ({ ...oauth(count), expires_in: undefined, expires: 300, refresh_expires: 900 })),
  ],
  [
    'folio',
    folio({ url: ORIGIN, tenant: 'diku' }),
    backendOf(() => ({ accessTokenExpiration: later(), refreshTokenExpiration: later() }), {
      status: 201,
      rejection: () => Response.json({ errors: [] }, { status: 422 }),
    }),
  ],
  [
    'cookies',
    cookies({ refreshUrl: `${ORIGIN}/bff/refresh`, logoutUrl: `${ORIGIN}/bff/logout` }),
    backendOf(() => ({ expires_in: 300 })),
  ],
  [
    'airflow',
    airflow({ url: ORIGIN, keepAliveUrl: '/health' }),
    {
      login: () => ({ access_token: pushed((pushes += 1)) }),
      answer: () => Response.json({}, { headers: { 'refreshed-api-token': pushed((pushes += 1)) } }),
      rejection: () => Response.json({ detail: 'Invalid auth token: Signature has expired' }, { status: 403 }),
      refusal: () => Response.json({ detail: 'Invalid auth token: Signature has expired' }, { status: 403 }),
    },
  ],
  [
    'stackit',
    stackit({ tokenUrl: `${ORIGIN}/token`, key: privateKey, claims: { iss: 'a', sub: 'a', aud: 'b' } }),
    backendOf(oauth),
  ],
  ['supabase, written as an app would', supabase({ url: ORIGIN, key: 'public' }), backendOf(oauth)],
];

test.each(rows)('%s keeps what a session relies on', async (_, server, backend) => {
  expect(await checkTokenServer(server, backend)).toEqual([]);
});

describe('a server is told', () => {
  const good = oauth2({ tokenEndpoint: `${ORIGIN}/token`, clientId: 'spa' });
  const is = (outcome: RotationOutcome): Partial<TokenServer> => ({ rotate: async () => outcome });
  /** Asks as it should, and reports what it likes. */
  const takes = (change: (outcome: RotationOutcome) => RotationOutcome): Partial<TokenServer> => ({
    rotate: async (tokens, context) => change(await good.rotate(tokens, context)),
  });

  const wrongs: readonly (readonly [claim: string, wrong: Partial<TokenServer>, names: readonly string[]])[] = [
    ['when it lists no endpoint', { endpoints: [] }, ['endpoints.none', 'rotate.endpoint']],
    ['when it asks what it does not list', { endpoints: [`${ORIGIN}/other`] }, ['rotate.endpoint']],
    ['when it would probe and cannot', { lostAnswer: 'probe' }, ['lostAnswer.probe']],
    [
      'when it takes anything for tokens',
      {
        readTokens: (response) => ({ accessToken: 'access', refreshToken: 'refresh', life: Number(Boolean(response)) }),
      },
      ['readTokens.garbage'],
    ],
    [
      'when its life is in seconds',
      { readTokens: (response, previous) => ({ ...good.readTokens(response, previous), life: 300 }) },
      ['readTokens.life'],
    ],
    [
      'when its errors quote tokens',
      {
        readTokens: (response, previous) => {
          try {
            return good.readTokens(response, previous);
          } catch {
            throw new TypeError(`This is bad: ${JSON.stringify(response)}`);
          }
        },
      },
      ['readTokens.quotes'],
    ],
    ['when it attaches nothing', { attach: () => ({ headers: {} }) }, ['attach.token']],
    [
      'when it shows the refresh token to resources',
      { attach: (_, { accessToken, refreshToken }) => ({ headers: { a: `${accessToken} ${refreshToken}` } }) },
      ['attach.refreshToken'],
    ],
    ['when preparing fails', { prepare: () => Promise.reject(new TypeError('There is no key.')) }, ['prepare.throws']],
    [
      'when it takes every answer for good',
      is({ outcome: 'rotated', tokens: { accessToken: 'access', refreshToken: 'refresh' } }),
      ['rotate.fetch', 'rotate.500', 'rotate.429', 'rotate.network', 'rotate.404', 'rotate.rejection'],
    ],
    [
      'when an outage signs the user out',
      takes((outcome) => (outcome.outcome === 'unknown' ? { outcome: 'rejected' } : outcome)),
      ['rotate.500', 'rotate.502', 'rotate.503', 'rotate.page', 'rotate.cut', 'rotate.nothing'],
    ],
    [
      'when too many requests sign the user out',
      takes((outcome) => (outcome.outcome === 'held-back' ? { outcome: 'rejected' } : outcome)),
      ['rotate.429', 'rotate.408'],
    ],
    [
      'when a wrong address signs the user out',
      takes((outcome) => (outcome.outcome === 'misconfigured' ? { outcome: 'rejected' } : outcome)),
      ['rotate.404'],
    ],
    [
      'when it does not understand that it is over',
      takes((outcome) => (outcome.outcome === 'rejected' ? { outcome: 'unknown' } : outcome)),
      ['rotate.rejection'],
    ],
    [
      'when it loses the refresh token',
      takes((outcome) =>
        outcome.outcome === 'rotated'
          ? { ...outcome, tokens: { ...outcome.tokens, refreshToken: undefined } }
          : outcome,
      ),
      ['rotate.refreshToken'],
    ],
    [
      'when it writes the refresh token into a URL',
      {
        rotate: async (tokens, context) => {
          await context.fetch(`${ORIGIN}/token?token=${tokens.refreshToken}`);
          return good.rotate(tokens, context);
        },
      },
      ['rotate.url'],
    ],
    [
      'when what came of it quotes the answer',
      { rotate: async () => ({ outcome: 'unknown', cause: new SyntaxError('holdfast-canary is not JSON') }) },
      ['rotate.quotes', 'rotate.good'],
    ],
    ['when it overlooks refusals', { isRefusal: () => false }, ['isRefusal.refusal']],
    [
      'when it takes a lack of rights for a refusal',
      { isRefusal: ({ response }) => response.status >= 400 },
      ['isRefusal.403', 'isRefusal.404', 'isRefusal.500'],
    ],
    [
      'when it reads bodies that are the app’s',
      { isRefusal: async ({ response }) => (await response.text()) !== '' && response.status === 401 },
      ['isRefusal.body'],
    ],
    ['when it adopts out of nothing', { adopt: (_, tokens) => tokens }, ['adopt.nothing']],
    ['when its probe ends sessions in an outage', { probe: async () => ({ outcome: 'rejected' }) }, ['probe.503']],
    [
      'when it revokes by a URL',
      { revoke: async ({ refreshToken }, { fetch }) => void (await fetch(`${ORIGIN}/revoke?${refreshToken}`)) },
      ['revoke.url'],
    ],
  ];

  test.each(wrongs)('%s', async (_, wrong, names) => {
    const findings = await checkTokenServer({ ...good, ...wrong }, backendOf(oauth));
    const found = new Set(findings.map(({ name }) => name));
    expect([...found]).toEqual(expect.arrayContaining([...names]));
    expect(JSON.stringify(findings)).not.toMatch(/(access|refresh)-\d/);
  });

  test('when it cannot read the login', async () => {
    const findings = await checkTokenServer(good, { ...backendOf(oauth), login: () => ({ token: 'access-1' }) });
    expect(findings.map(({ name }) => name)).toEqual(['readTokens.login']);
  });
});
