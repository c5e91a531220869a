/** What a token response may say, and what comes of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTokens, isSomebodyElse, readStoredTokens, readTokenResponse } from '../../src/core/tokens.ts';
import type { Tokens } from '../../src/core/types.ts';
import { jwt } from '../../src/testing/jwt.ts';
import { ACCEPTED_LIVES, answerOf, answerText, CANARY, nested, REFUSED_MEMBERS } from '../doubles/answers.ts';

const BEARER = { tokenType: 'Bearer' };
const read = (changes: Record<string, string | undefined> = {}, previous?: Tokens) =>
  readTokenResponse(answerOf(changes), BEARER, previous);
const quoted = (value: string) => JSON.stringify(value);

function failureOf(task: () => unknown): unknown {
  try {
    task();
  } catch (failure) {
    return failure;
  }
  throw new Error('Nothing was thrown.');
}

describe('a token response is refused by a TypeError that names the field and shows no value', () => {
  test.each(REFUSED_MEMBERS)('%s', (_, field, literal) => {
    const failure = failureOf(() => read({ [field]: literal }));
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure).toHaveProperty('message', expect.stringMatching(new RegExp(`^${field} must be `)));
    expect(String(failure)).not.toContain(CANARY);
    expect(String(failure)).not.toMatch(/3600abc|12345|N_A|2026-01/);
  });

  test.each([
    ['NaN', Number.NaN],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['a bigint', 300n],
    ['a Date', new Date(0)],
    ['a Number object', Object(300)],
    ['a function', () => 300],
    ['a symbol', Symbol('300')],
  ])('a life of %s, as a login library may hand it over', (_, expires_in) => {
    expect(() => readTokenResponse({ ...Object(answerOf()), expires_in }, BEARER)).toThrow(/^expires_in must be /);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['the body as text', answerText()],
    ['an HTML page', '<!doctype html>'],
    ['a number', 7],
    ['true', true],
    ['an array of one response', [answerOf()]],
    ['an empty array', []],
    ['a function', () => answerOf()],
    ['arrays in arrays, 100,000 deep', JSON.parse(nested(100_000))],
  ])('%s', (_, response) => {
    expect(() => readTokenResponse(response, BEARER)).toThrow(
      new TypeError('The token response must be a JSON object.'),
    );
  });

  test.each([
    ['an empty object', {}],
    ['an error', { error: 'invalid_grant' }],
    ['a response that inherits its members', Object.create(Object(answerOf()))],
    ['a response inside a `__proto__` member', JSON.parse(`{"__proto__":${answerText()}}`)],
    ['a response inside a `constructor` member', JSON.parse(`{"constructor":{"prototype":${answerText()}}}`)],
    ['a Map', new Map(Object.entries(Object(answerOf())))],
  ])('%s', (_, response) => {
    expect(() => readTokenResponse(response, BEARER)).toThrow(/^access_token must be /);
  });
});

describe('the life of an access token', () => {
  test.each(ACCEPTED_LIVES)('comes from %s: %s s', (_, life, changes) => {
    expect(read(changes).life).toBe(life === undefined ? undefined : life * 1_000);
  });

  test('is the default where neither the response nor the token tells it', () => {
    const reading = { tokenType: 'Bearer', defaultLife: 60_000 };
    expect(readTokenResponse(answerOf({ expires_in: undefined }), reading).life).toBe(60_000);
    expect(readTokenResponse(answerOf({ expires_in: '10' }), reading).life).toBe(10_000);
    const told = { access_token: quoted(jwt({ iat: 0, exp: 20 })), expires_in: undefined };
    expect(readTokenResponse(answerOf(told), reading).life).toBe(20_000);
  });

  test('is never anything but a length of time that can be waited for, whatever number the server sends', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.integer(), fc.bigInt().map(String), fc.double().map(String), fc.string()),
        (expires_in) => {
          try {
            const { life } = readTokenResponse({ ...Object(answerOf()), expires_in }, BEARER);
            expect(life).toBeGreaterThanOrEqual(0);
            expect(Number.isNaN(new Date(Date.UTC(2026, 0, 1) + Number(life)).getTime())).toBe(false);
          } catch (failure) {
            expect(failure).toHaveProperty('message', 'expires_in must be a number of seconds.');
          }
        },
      ),
    );
  });
});

describe('the end of the refresh token', () => {
  test.each([
    ['is read from refresh_expires_in', '1800', 1_800_000],
    ['is read from a string', '"1800"', 1_800_000],
    ['is unknown where it is not told', undefined, undefined],
    ['is unknown where it is 0, as Keycloak says of offline tokens', '0', undefined],
    ['is unknown where it cannot be read, since no RFC knows the field', '"soon"', undefined],
    ['is unknown where it is null', 'null', undefined],
    ['is unknown where it is negative', '-1', undefined],
  ])('%s', (_, refresh_expires_in, endsIn) => {
    expect(read({ refresh_expires_in }).endsIn).toBe(endsIn);
  });

  test('is the end of the access token where there is no refresh token at all', () => {
    expect(read({ refresh_token: undefined })).toMatchObject({
      life: 300_000,
      endsIn: 300_000,
      refreshToken: undefined,
    });
  });
});

describe('the refresh token', () => {
  const previous: Tokens = { accessToken: 'old-access', refreshToken: 'old-refresh' };
  test.each([
    ['replaces the one before it', '"next"', 'next'],
    ['stays the same where the server sends the same', '"old-refresh"', 'old-refresh'],
    ['is kept where the answer has none', undefined, 'old-refresh'],
    ['is kept where the answer has null', 'null', 'old-refresh'],
    ['is kept where the answer has an empty one', '""', 'old-refresh'],
    ['may hold blanks (RFC 6749 appendix A.17)', '"a b"', 'a b'],
  ])('%s', (_, refresh_token, expected) => {
    expect(read({ refresh_token }, previous).refreshToken).toBe(expected);
  });
});

describe('a token of', () => {
  test.each([1, 2, 100, 4_096, 8_192, 16_383, 16_384])('%i bytes is taken as it is', (length) => {
    const token = 'x'.repeat(length);
    expect(read({ access_token: quoted(token), refresh_token: quoted(token) })).toMatchObject({
      accessToken: token,
      refreshToken: token,
    });
  });

  test('every visible character is taken as it is', () => {
    const visible = Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index)).join('');
    expect(read({ access_token: quoted(visible) }).accessToken).toBe(visible);
  });

  test('any other character is refused, wherever it stands', () => {
    const odd = fc.integer({ min: 0, max: 0x10ffff }).filter((point) => point < 0x21 || point > 0x7e);
    fc.assert(
      fc.property(fc.string(), odd, fc.string(), (before, point, after) => {
        const token = before + String.fromCodePoint(point) + after;
        expect(() => read({ access_token: quoted(token) })).toThrow(/^access_token must be /);
      }),
    );
  });
});

describe('the token type', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('%s is Bearer', (type) => {
    expect(read({ token_type: quoted(type) }).accessToken).toBe('next-access');
  });

  test('DPoP is good where it was asked for, and Bearer is then refused', () => {
    const asked = { tokenType: 'DPoP' };
    expect(readTokenResponse(answerOf({ token_type: '"dpop"' }), asked).accessToken).toBe('next-access');
    expect(() => readTokenResponse(answerOf(), asked)).toThrow(new TypeError('token_type must be DPoP.'));
  });
});

describe('members that nobody knows', () => {
  test.each([
    ['`__proto__`', '{"polluted":true,"refresh_token":"evil"}', '__proto__'],
    ['`constructor`', '{"prototype":{"polluted":true}}', 'constructor'],
    ['`toString`', '"evil"', 'toString'],
    ['`hasOwnProperty`', 'null', 'hasOwnProperty'],
    ['`then`', '"evil"', 'then'],
    ['arrays, 100,000 deep', nested(100_000), 'extra'],
    ['camel case', '"evil"', 'accessToken'],
  ])('%s change nothing', (_, literal, name) => {
    expect(readTokenResponse(JSON.parse(answerText({ [name]: literal })), BEARER)).toEqual(read());
    expect({}).not.toHaveProperty('polluted');
  });

  test('any others change nothing', () => {
    const known = /^(access_token|refresh_token|token_type|expires_in|refresh_expires_in|scope|id_token)$/;
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => !known.test(name)),
          fc.jsonValue(),
        ),
        (extra) => {
          expect(readTokenResponse({ ...extra, ...Object(answerOf()) }, BEARER)).toEqual(read());
        },
      ),
    );
  });

  test('of a member sent twice the last counts', () => {
    const twice = `{"access_token":"first",${answerText().slice(1, -1)},"access_token":"last"}`;
    expect(readTokenResponse(JSON.parse(twice), BEARER).accessToken).toBe('last');
  });

  test('what a polluted Object.prototype holds is not read', () => {
    const polluted = {
      refresh_token: 'evil',
      expires_in: 1,
      refresh_expires_in: 1,
      scope: 'evil',
      id_token: 'evil',
      exp: 2,
      iat: 1,
      iss: 'evil',
      sub: 'evil',
    };
    const expected = read({ refresh_token: undefined, expires_in: undefined, access_token: quoted(jwt({ a: 1 })) });
    try {
      for (const [name, value] of Object.entries(polluted))
        Object.defineProperty(Object.prototype, name, { value, configurable: true });
      expect(read({ refresh_token: undefined, expires_in: undefined, access_token: quoted(jwt({ a: 1 })) })).toEqual(
        expected,
      );
      expect(read({ refresh_token: undefined, expires_in: undefined, access_token: '"opaque"' })).toMatchObject({
        life: undefined,
        user: undefined,
      });
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe('who it is', () => {
  const ann = { iss: 'https://as', sub: 'ann' };
  const bob = { iss: 'https://as', sub: 'bob' };
  const by = (claims: Record<string, unknown>) => quoted(jwt(claims));

  test('is told by the ID token, else by the access token, else by nobody', () => {
    expect(read({ id_token: by(ann), access_token: by(bob) })).toMatchObject({
      user: 'https://as ann',
      userFrom: 'id_token',
    });
    expect(read({ access_token: by(bob) })).toMatchObject({ user: 'https://as bob', userFrom: 'access_token' });
    expect(read()).toMatchObject({ user: undefined, userFrom: undefined });
  });

  test.each([
    ['no `iss`', { sub: 'ann' }],
    ['no `sub`', { iss: 'https://as' }],
    ['a number for `sub`', { iss: 'https://as', sub: 7 }],
    ['an object for `iss`', { iss: {}, sub: 'ann' }],
  ])('is unknown with %s', (_, claims) => {
    expect(read({ access_token: by(claims) }).user).toBeUndefined();
  });

  test.each([
    ['a number', '7'],
    ['an array', '[]'],
    ['not a JWT', '"x"'],
    ['a JWE of five parts', '"a.b.c.d.e"'],
    ['too long to be looked at', quoted(jwt({ ...ann, x: 'x'.repeat(20_000) }))],
  ])('is not told by an ID token that is %s', (_, id_token) => {
    expect(read({ id_token }).user).toBeUndefined();
  });

  test('stays who it was where a rotation says nothing', () => {
    const before = read({ id_token: by(ann) });
    expect(read({}, before)).toMatchObject({ user: 'https://as ann', userFrom: 'id_token' });
  });

  test("an ID token's subject is not held against an access token's: they may differ by design", () => {
    const before = read({ id_token: by(ann), access_token: by(bob) });
    const after = read({ access_token: by(bob) }, before);
    expect(after.user).toBe('https://as ann');
    expect(isSomebodyElse(before, after)).toBe(false);
    expect(isSomebodyElse(read({ access_token: by(bob) }), before)).toBe(false);
  });

  test('is somebody else when the same kind of token names another', () => {
    const before = read({ id_token: by(ann) });
    expect(isSomebodyElse(before, read({ id_token: by(bob) }, before))).toBe(true);
    expect(isSomebodyElse(before, read({ id_token: by({ ...ann, iss: 'https://other' }) }, before))).toBe(true);
    expect(isSomebodyElse(before, read({ id_token: by(ann) }, before))).toBe(false);
    expect(isSomebodyElse(read(), read({ id_token: by(ann) }))).toBe(false);
  });
});

describe('the scope', () => {
  test.each([
    ['is the one granted', '"a b"', 'a b'],
    ['is the one before where the answer is silent', undefined, 'old'],
    ['is the one before where it cannot be read', '["a"]', 'old'],
  ])('%s', (_, scope, expected) => {
    expect(read({ scope }, { scope: 'old' }).scope).toBe(expected);
  });
});

describe('what a server module made is refused by a TypeError that names the field', () => {
  test.each<[claim: string, field: string, tokens: Record<string, unknown>]>([
    ['an empty access token', 'accessToken', { accessToken: '' }],
    ['a line feed in the access token', 'accessToken', { accessToken: `${CANARY}\n` }],
    ['a number for an access token', 'accessToken', { accessToken: 7 }],
    ['an array for an access token', 'accessToken', { accessToken: [CANARY] }],
    ['null for an access token', 'accessToken', { accessToken: null }],
    ['an access token too long', 'accessToken', { accessToken: CANARY.padEnd(16_385, 'x') }],
    ['an empty refresh token', 'refreshToken', { refreshToken: '' }],
    ['NUL in the refresh token', 'refreshToken', { refreshToken: `${CANARY}\0` }],
    ['a number for a refresh token', 'refreshToken', { refreshToken: 7 }],
    ['a negative life', 'life', { life: -1 }],
    ['a life of NaN', 'life', { life: Number.NaN }],
    ['a life without end', 'life', { life: Number.POSITIVE_INFINITY }],
    ['a life in a string', 'life', { life: '300000' }],
    ['a life of null', 'life', { life: null }],
    ['an end in the past', 'endsIn', { endsIn: -1 }],
    ['an end of NaN', 'endsIn', { endsIn: Number.NaN }],
  ])('%s', (_, field, tokens) => {
    const failure = failureOf(() => checkTokens(tokens));
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure).toHaveProperty('message', expect.stringMatching(new RegExp(`^${field} must be `)));
    expect(String(failure)).not.toContain(CANARY);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', CANARY],
    ['a promise of tokens, whose members would all be missing', Promise.resolve({ accessToken: CANARY })],
  ])('%s', (_, tokens) => {
    const failure = failureOf(() => Reflect.apply(checkTokens, undefined, [tokens]));
    expect(failure).toEqual(new TypeError('The tokens must be an object, and no promise of one.'));
  });

  test('what is good comes back as it is', () => {
    const tokens = { accessToken: 'a', refreshToken: 'b c', life: 0, endsIn: 1_000 };
    expect(checkTokens(tokens)).toBe(tokens);
    expect(checkTokens({})).toEqual({});
  });
});

describe('stored tokens', () => {
  test('come back as they were', () => {
    const tokens = read({
      id_token: quoted(jwt({ iss: 'https://as', sub: 'ann' })),
      scope: '"a"',
      refresh_expires_in: '900',
    });
    expect(readStoredTokens(JSON.stringify(tokens))).toEqual(tokens);
  });

  test.each([
    ['nothing', ''],
    ['half of it', `{"accessToken":"${CANARY}`],
    ['a page', `<html>${CANARY}`],
    ['null', 'null'],
    ['an array', `["${CANARY}"]`],
    ['a string', `"${CANARY}"`],
    ['an access token with a line feed', JSON.stringify({ accessToken: `${CANARY}\n` })],
    ['a life that is no time', JSON.stringify({ accessToken: 'a', life: -1 })],
  ])('that are %s are a TypeError without the value', (_, stored) => {
    const failure = failureOf(() => readStoredTokens(stored));
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).not.toContain(CANARY);
  });

  test('of the wrong types are passed over, and nothing is inherited', () => {
    const odd =
      '{"accessToken":7,"refreshToken":[],"life":"1","user":{},"userFrom":"evil","__proto__":{"scope":"evil"}}';
    expect(Object.values(readStoredTokens(odd)).filter(Boolean)).toEqual([]);
  });
});

test('nothing that a server can send makes anything but tokens or a TypeError that names a field', () => {
  const names = [
    'access_token',
    'refresh_token',
    'token_type',
    'expires_in',
    'refresh_expires_in',
    'scope',
    'id_token',
  ];
  const value = fc.oneof(fc.constant('Bearer'), fc.constant('token'), fc.integer(), fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), value)), (response) => {
      try {
        checkTokens(readTokenResponse(response, BEARER));
      } catch (failure) {
        expect(failure).toBeInstanceOf(TypeError);
        expect(String(failure)).toMatch(
          /(access_token|refresh_token|token_type|expires_in) must be|must be a JSON object/,
        );
      }
    }),
    { numRuns: 500 },
  );
});
