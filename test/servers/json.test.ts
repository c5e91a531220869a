/** The JSON token service: what it is sent, whose answers it keeps, and what it takes for options. */
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/core/types.ts';
import { json } from '../../src/servers/json.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { recordingContext } from '../doubles/server-context.ts';
import { testMisuse, testOutcomes } from './answers.ts';

const URL = 'https://api.example.com/token/refresh';
const TOKENS: Tokens = { accessToken: 'access-0', refreshToken: 'refresh-0' };
const answer = (body: unknown, status = 200) => recordingContext(() => Response.json(body, { status }));

describe('a rotation', () => {
  test('is a POST of the refresh token as JSON, and of nothing else', async () => {
    const { context, sent } = answer({ access_token: 'access-1', expires_in: 60 });
    await json({ url: URL }).rotate(TOKENS, context);
    expect(sent).toEqual([
      {
        url: URL,
        init: {
          method: 'POST',
          headers: { accept: 'application/json', 'content-type': 'application/json' },
          body: '{"refresh_token":"refresh-0"}',
        },
      },
    ]);
  });

  test('keeps the refresh token that the answer does not replace', async () => {
    const outcome = await json({ url: URL }).rotate(
      TOKENS,
      answer({ access_token: 'access-1', expires_in: 60 }).context,
    );
    expect(outcome).toMatchObject({
      outcome: 'rotated',
      tokens: { accessToken: 'access-1', refreshToken: 'refresh-0', life: 60_000, isFinal: false },
    });
  });

  test('replaces the refresh token that the answer replaces', async () => {
    const body = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 60, token_type: 'bearer' };
    const outcome = await json({ url: URL }).rotate(TOKENS, answer(body).context);
    expect(outcome).toMatchObject({ outcome: 'rotated', tokens: { refreshToken: 'refresh-1' } });
  });

  test('may tell of nothing as null, as Pydantic writes it', async () => {
    const body = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: null, token_type: null };
    const outcome = await json({ url: URL, defaultLife: 300 }).rotate(TOKENS, answer(body).context);
    expect(outcome).toMatchObject({ outcome: 'rotated', tokens: { refreshToken: 'refresh-1', life: 300_000 } });
  });

  test('may be answered with 201, as by frameworks that answer every POST so', async () => {
    const outcome = await json({ url: URL }).rotate(TOKENS, answer({ access_token: 'access-1' }, 201).context);
    expect(outcome.outcome).toBe('rotated');
  });

  test('that is refused with a detail is the end of the refresh token', async () => {
    const outcome = await json({ url: URL }).rotate(TOKENS, answer({ detail: 'Token revoked' }, 401).context);
    expect(outcome).toEqual({ outcome: 'rejected', status: 401, code: undefined });
  });

  test('without a refresh token sends nothing', async () => {
    const { context, sent } = answer({});
    expect(await json({ url: URL }).rotate({ accessToken: 'a' }, context)).toEqual({ outcome: 'rejected' });
    expect(sent).toEqual([]);
  });

  test('to a service that gives DPoP tokens to who asked for none is no answer', async () => {
    const body = { access_token: 'access-1', token_type: 'DPoP' };
    expect((await json({ url: URL }).rotate(TOKENS, answer(body).context)).outcome).toBe('unknown');
  });

  testOutcomes(json({ url: URL }), TOKENS);
});

describe('names of the service’s own', () => {
  const server = json({
    url: URL,
    fields: { accessToken: 'token', refreshToken: 'refreshToken', expiresIn: 'ttl', refreshExpiresIn: 'refreshTtl' },
  });

  test('are written and read', async () => {
    const { context, sent } = answer({ token: 'access-1', refreshToken: 'refresh-1', ttl: '30', refreshTtl: 90 });
    const outcome = await server.rotate(TOKENS, context);
    expect(sent[0]?.init.body).toBe('{"refreshToken":"refresh-0"}');
    expect(outcome).toMatchObject({
      tokens: { accessToken: 'access-1', refreshToken: 'refresh-1', life: 30_000, endsIn: 90_000 },
    });
  });

  test('hold for the login as well', () => {
    expect(server.readTokens({ token: 'access-0', refreshToken: 'refresh-0', ttl: 0.5 })).toMatchObject({ life: 500 });
    expect(() => server.readTokens({ access_token: 'access-0' })).toThrow('access_token');
  });

  test('that are left out are those of OAuth 2.0', () => {
    const { readTokens } = json({ url: URL, fields: { accessToken: 'token' } });
    expect(readTokens({ token: 'a', refresh_token: 'r', expires_in: 5 })).toMatchObject({
      refreshToken: 'r',
      life: 5_000,
    });
  });
});

test('a life that is not told is read from the token, else it is the default', () => {
  const server = json({ url: URL, defaultLife: 600 });
  expect(server.readTokens({ access_token: jwt({ iat: 100, exp: 160 }) }).life).toBe(60_000);
  expect(server.readTokens({ access_token: 'opaque' }).life).toBe(600_000);
});

test('an answer of the API is a refusal when it is 401, with or without a challenge', () => {
  const { isRefusal } = json({ url: URL });
  const request = { url: 'https://api.example.com/orders', method: 'GET' };
  const refusal = (status: number, headers = {}) =>
    isRefusal({ request, response: Response.json({ detail: 'Token expired' }, { status, headers }) });
  expect(refusal(401)).toBe(true);
  expect(refusal(401, { 'www-authenticate': 'Bearer' })).toBe(true);
  expect(refusal(403)).toBe(false);
});

describe('options', () => {
  testMisuse('json', json, { url: URL });

  test.each([[null], ['token'], [[]]])('fields cannot be %j', (fields) => {
    expect(() => Reflect.apply(json, undefined, [{ url: URL, fields }])).toThrow(/^json: fields/);
  });

  test.each([[''], [7], [null]])('a name in fields cannot be %j', (accessToken) => {
    const make = () => Reflect.apply(json, undefined, [{ url: URL, fields: { accessToken } }]) as unknown;
    expect(make).toThrow('json: fields.accessToken');
  });

  test('a name in fields that is not known is a TypeError that names it', () => {
    expect(() => Reflect.apply(json, undefined, [{ url: URL, fields: { acessToken: 'a' } }])).toThrow('"acessToken"');
  });

  test('have their documented defaults', () => {
    const { endpoints, lostAnswer, readTokens } = json({ url: '/token/refresh' });
    expect(endpoints).toEqual(['/token/refresh']);
    expect(lostAnswer).toEqual({});
    expect(readTokens({ access_token: 'opaque', refresh_token: 'r' })).toMatchObject({
      life: undefined,
      endsIn: undefined,
    });
  });
});
