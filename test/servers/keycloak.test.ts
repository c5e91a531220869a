/** A Keycloak realm: its addresses, what it is sent, and its own answers as its documentation and sources have them. */
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/core/types.ts';
import { keycloak } from '../../src/servers/keycloak.ts';
import { formOf, recordingContext } from '../doubles/server-context.ts';
import { testMisuse, testOutcomes } from './answers.ts';

const OPTIONS = { url: 'https://login.example.com', realm: 'staff', clientId: 'spa' };
const REALM = 'https://login.example.com/realms/staff/protocol/openid-connect';
const TOKENS: Tokens = { accessToken: 'access-0', refreshToken: 'refresh-0' };
/** What Keycloak answers, member by member. */
const ANSWER = {
  access_token: 'access-1',
  expires_in: 300,
  refresh_expires_in: 1_800,
  refresh_token: 'refresh-1',
  token_type: 'Bearer',
  id_token: 'id-1',
  'not-before-policy': 0,
  session_state: 'b0c0a0',
  scope: 'openid email profile',
};
const answer = (body: unknown, status = 200) => recordingContext(() => Response.json(body, { status }));
const accept = { accept: 'application/json' };

describe('a realm', () => {
  test('is found by its conventional addresses, none of which ever sees a token from fetch', () => {
    expect(keycloak(OPTIONS).endpoints).toEqual([`${REALM}/token`, `${REALM}/revoke`, `${REALM}/logout`]);
  });

  test.each([
    ['with a slash at the end of its URL', { url: 'https://login.example.com/' }, REALM],
    ['under /auth, as before Keycloak 17', { url: 'https://kc/auth' }, 'https://kc/auth/realms/staff'],
    ['at the page’s own origin', { url: '/' }, '/realms/staff'],
    ['whose name holds blanks and slashes', { realm: 'a b/c' }, 'https://login.example.com/realms/a%20b%2Fc/'],
  ])('%s is found', (_, options, start) => {
    expect(keycloak({ ...OPTIONS, ...options }).endpoints[0]?.startsWith(start)).toBe(true);
  });
});

describe('a rotation', () => {
  test('sends the form that Keycloak documents', async () => {
    const { context, sent } = answer(ANSWER);
    await keycloak(OPTIONS).rotate(TOKENS, context);
    expect(sent).toEqual([
      { url: `${REALM}/token`, init: { method: 'POST', headers: accept, body: expect.any(URLSearchParams) } },
    ]);
    expect(sent.flatMap(formOf)).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', 'refresh-0'],
      ['client_id', 'spa'],
    ]);
  });

  test('takes over the tokens, their lives and their scope', async () => {
    expect(await keycloak(OPTIONS).rotate(TOKENS, answer(ANSWER).context)).toMatchObject({
      outcome: 'rotated',
      tokens: {
        accessToken: 'access-1',
        refreshToken: 'refresh-1',
        life: 300_000,
        endsIn: 1_800_000,
        scope: 'openid email profile',
      },
    });
  });

  test('of an offline token has no end: refresh_expires_in is 0', () => {
    expect(keycloak(OPTIONS).readTokens({ ...ANSWER, refresh_expires_in: 0 }).endsIn).toBeUndefined();
  });

  test.each([
    ['Maximum allowed refresh token reuse exceeded'],
    ['Stale token'],
    ['Token is not active'],
    ['Session not active'],
    ['Offline user session not found'],
    ['Invalid refresh token'],
  ])('that is refused with "%s" is the end of the session', async (error_description) => {
    const { context } = answer({ error: 'invalid_grant', error_description }, 400);
    expect(await keycloak(OPTIONS).rotate(TOKENS, context)).toEqual({
      outcome: 'rejected',
      status: 400,
      code: 'invalid_grant',
    });
  });

  test.each([
    [{ error: 'unauthorized_client', error_description: 'Client not allowed for direct access grants' }, 401],
    [{ error: 'invalid_client', error_description: 'Invalid client or Invalid client credentials' }, 401],
    [{ error: 'invalid_request', error_description: 'Missing form parameter: grant_type' }, 400],
    [{ error: 'Realm does not exist' }, 404],
  ])('that is refused with %j says nothing of the session', async (body, status) => {
    expect((await keycloak(OPTIONS).rotate(TOKENS, answer(body, status).context)).outcome).toBe('misconfigured');
  });

  testOutcomes(keycloak(OPTIONS), TOKENS);
});

describe('signing out', () => {
  test('ends the session at Keycloak with the refresh token', async () => {
    const { context, sent } = recordingContext(() => new Response(null, { status: 204 }));
    await keycloak(OPTIONS).revoke?.(TOKENS, context);
    expect(sent).toEqual([
      { url: `${REALM}/logout`, init: { method: 'POST', headers: accept, body: expect.any(URLSearchParams) } },
    ]);
    expect(sent.flatMap(formOf)).toEqual([
      ['refresh_token', 'refresh-0'],
      ['client_id', 'spa'],
    ]);
  });

  test('revokes the access token where there is no other', async () => {
    const { context, sent } = recordingContext(() => new Response(null));
    await keycloak(OPTIONS).revoke?.({ accessToken: 'access-0' }, context);
    expect(sent.map(({ url }) => url)).toEqual([`${REALM}/revoke`]);
    expect(sent.flatMap(formOf)).toContainEqual(['token', 'access-0']);
  });
});

describe('options', () => {
  testMisuse('keycloak', keycloak, OPTIONS);

  test.each([
    [undefined, {}],
    [0, { resends: 1 }],
    [1, { resends: 1 }],
    [3, { resends: 3 }],
  ])('maxReuse of %s makes lost answers %j', (maxReuse, lostAnswer) => {
    expect(keycloak({ ...OPTIONS, ...(maxReuse === undefined ? {} : { maxReuse }) }).lostAnswer).toEqual(lostAnswer);
  });

  test.each([[-1], [0.5], ['1'], [null], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    'maxReuse cannot be %s',
    (maxReuse) => {
      expect(() => Reflect.apply(keycloak, undefined, [{ ...OPTIONS, maxReuse }])).toThrow('keycloak: maxReuse');
    },
  );

  test.each(['https://kc/?a=b', 'https://kc/#a'])('url cannot be %s', (url) => {
    expect(() => keycloak({ ...OPTIONS, url })).toThrow('keycloak: url');
  });
});
