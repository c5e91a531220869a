/** What a WWW-Authenticate header says, however it is written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChallenges } from '../../src/core/challenge.ts';
import { refusesToken } from '../../src/core/refusal.ts';

const read = (header: string | null) =>
  readChallenges(header).map(({ parameters, scheme }) => [scheme, Object.fromEntries(parameters)]);

describe('a header is read', () => {
  test.each<[claim: string, header: string | null, challenges: [string, Record<string, string>][]]>([
    ['absent', null, []],
    ['empty', '', []],
    ['a scheme alone', 'Bearer', [['bearer', {}]]],
    ['one parameter', 'Bearer realm="api"', [['bearer', { realm: 'api' }]]],
    ['a bare value', 'Bearer error=invalid_token', [['bearer', { error: 'invalid_token' }]]],
    ['an empty value', 'Bearer realm=""', [['bearer', { realm: '' }]]],
    [
      'several parameters',
      'Bearer realm="a", error="invalid_token"',
      [['bearer', { realm: 'a', error: 'invalid_token' }]],
    ],
    [
      'several without blanks',
      'Bearer realm="a",error="invalid_token"',
      [['bearer', { realm: 'a', error: 'invalid_token' }]],
    ],
    ['blanks around the equals sign', 'Bearer error = "invalid_token"', [['bearer', { error: 'invalid_token' }]]],
    ['tabs between', 'Bearer\trealm="a",\terror="b"', [['bearer', { realm: 'a', error: 'b' }]]],
    ['empty list elements', ', ,Bearer realm="a",, error="b",', [['bearer', { realm: 'a', error: 'b' }]]],
    ['any case', 'BEARER Realm="A", ERROR="invalid_token"', [['bearer', { realm: 'A', error: 'invalid_token' }]]],
    [
      'a quoted comma',
      'Bearer error_description="expired, sorry", error="b"',
      [['bearer', { error_description: 'expired, sorry', error: 'b' }]],
    ],
    ['a quoted equals sign', 'Bearer realm="a=b", error="c"', [['bearer', { realm: 'a=b', error: 'c' }]]],
    [
      'a quoted parameter',
      'Bearer realm="error=\\"invalid_token\\"", error="c"',
      [['bearer', { realm: 'error="invalid_token"', error: 'c' }]],
    ],
    [
      'a quoted scheme',
      'Bearer realm="x, DPoP error=invalid_token"',
      [['bearer', { realm: 'x, DPoP error=invalid_token' }]],
    ],
    ['escaped quotes', 'Bearer realm="the \\"api\\"", error="b"', [['bearer', { realm: 'the "api"', error: 'b' }]]],
    [
      'an escaped backslash before the end',
      'Bearer realm="c:\\\\", error="b"',
      [['bearer', { realm: 'c:\\', error: 'b' }]],
    ],
    ['an escaped letter', 'Bearer realm="\\a\\b"', [['bearer', { realm: 'ab' }]]],
    [
      'two challenges',
      'Basic realm="a", Bearer error="b"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { error: 'b' }],
      ],
    ],
    [
      'DPoP beside Bearer',
      'Bearer error="invalid_token", DPoP algs="ES256 PS256", error="use_dpop_nonce"',
      [
        ['bearer', { error: 'invalid_token' }],
        ['dpop', { algs: 'ES256 PS256', error: 'use_dpop_nonce' }],
      ],
    ],
    [
      'Bearer beside DPoP',
      'DPoP algs="ES256", Bearer error="invalid_token"',
      [
        ['dpop', { algs: 'ES256' }],
        ['bearer', { error: 'invalid_token' }],
      ],
    ],
    [
      'schemes alone',
      'Negotiate, NTLM, Bearer',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['bearer', {}],
      ],
    ],
    [
      'the same scheme twice',
      'Bearer realm="a", Bearer realm="b"',
      [
        ['bearer', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    ['a parameter sent twice', 'Bearer error="a", error="b"', [['bearer', { error: 'b' }]]],
    ['one named `__proto__`', 'Bearer __proto__="x"', [['bearer', JSON.parse('{"__proto__":"x"}')]]],
    ['parameters without a scheme', 'error="invalid_token"', []],
    ['another script', 'Bearer realm="грань", error="b"', [['bearer', { realm: 'грань', error: 'b' }]]],
    [
      'Keycloak',
      'Bearer realm="master", error="invalid_token", error_description="Token is not active"',
      [['bearer', { realm: 'master', error: 'invalid_token', error_description: 'Token is not active' }]],
    ],
    [
      'Azure AD',
      'Bearer authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="invalid_token", error_description="The token expired at \'01/01/2026 00:00:00\'"',
      [
        [
          'bearer',
          {
            authorization_uri: 'https://login.microsoftonline.com/common/oauth2/authorize',
            error: 'invalid_token',
            error_description: "The token expired at '01/01/2026 00:00:00'",
          },
        ],
      ],
    ],
  ])('%s', (_, header, challenges) => {
    expect(read(header)).toEqual(challenges);
  });
});

describe('an answer refuses the token', () => {
  const refuses = (status: number, header?: string, scheme = 'bearer') =>
    refusesToken(
      new Response(null, { status, ...(header === undefined ? {} : { headers: { 'www-authenticate': header } }) }),
      scheme,
    );

  test.each([
    ['without a challenge', undefined],
    ['with an empty one', ''],
    ['that names invalid_token', 'Bearer error="invalid_token"'],
    ['that names it without quotes', 'Bearer error=invalid_token'],
    ['in any case of scheme and name', 'bEARER ERROR="invalid_token"'],
    ['that names no error', 'Bearer realm="api"'],
    ['of a bare scheme', 'Bearer'],
    ['of another scheme only', 'Basic realm="api"'],
    ['beside DPoP', 'DPoP algs="ES256", error="use_dpop_nonce", Bearer error="invalid_token"'],
    ['in the second of two challenges', 'Bearer error="insufficient_scope", Bearer error="invalid_token"'],
    [
      'with commas in a quoted description',
      'Bearer error_description="a, error=\\"insufficient_scope\\"", error="invalid_token"',
    ],
    ['with a challenge that cannot be read', '"""=,,==Bearer"'],
    ['with a challenge that is cut short', 'Bearer error="invalid_tok'],
    ['with an error that says nothing', 'Bearer error=""'],
    ['with an error left open', 'Bearer error='],
  ])('401 %s', (_, header) => {
    expect(refuses(401, header)).toBe(true);
  });

  test.each([
    [401, 'with insufficient_scope', 'Bearer error="insufficient_scope", scope="admin"'],
    [401, 'with invalid_request', 'Bearer error="invalid_request"'],
    [401, 'with both', 'Bearer error="insufficient_scope", Bearer error="invalid_request"'],
    [403, 'with insufficient_scope', 'Bearer error="insufficient_scope", scope="admin"'],
    [403, 'with invalid_token, which is not for 403', 'Bearer error="invalid_token"'],
    [403, 'without a challenge', undefined],
    [400, 'with invalid_request', 'Bearer error="invalid_request"'],
    [200, 'with invalid_token', 'Bearer error="invalid_token"'],
    [404, 'without a challenge', undefined],
    [407, 'with invalid_token', 'Bearer error="invalid_token"'],
    [500, 'with invalid_token', 'Bearer error="invalid_token"'],
  ])('but not %i %s: a new token has no more rights', (status, _, header) => {
    expect(refuses(status, header)).toBe(false);
  });

  test('of the scheme that was asked for', () => {
    const both = 'DPoP error="invalid_token", Bearer error="insufficient_scope"';
    expect(refuses(401, both, 'dpop')).toBe(true);
    expect(refuses(401, both, 'bearer')).toBe(false);
  });
});

describe('garbage', () => {
  test.each([
    ['one name without end', 'a'.repeat(1_000_000)],
    ['names without end', 'a '.repeat(500_000)],
    ['blanks without end', `Bearer${' '.repeat(1_000_000)}x`],
    ['a quote that never closes', `Bearer realm="${'a'.repeat(1_000_000)}`],
    ['quotes without end', 'Bearer a="'.repeat(200_000)],
    ['backslashes without end', `Bearer a="${'\\'.repeat(1_000_001)}`],
    ['escaped quotes without end', `Bearer a="${'\\"'.repeat(500_000)}`],
    ['equals signs without end', `Bearer a${'='.repeat(1_000_000)}`],
    ['equals signs in blanks without end', `Bearer a${' = '.repeat(300_000)}`],
    ['commas without end', ','.repeat(1_000_000)],
    ['escapes, quotes and names without end', 'a="\\"b=\\'.repeat(100_000)],
    ['names before blanks without end', `${'a'.repeat(8_000)}${' '.repeat(8_000)}`.repeat(60)],
  ])('%s is read in bounded time', (_, header) => {
    for (const name of ['', 'Bearer error="invalid_token", ']) readChallenges(name + header);
  });

  test('of a very long header the beginning still counts', () => {
    const header = `Bearer error="invalid_token", realm="${'a'.repeat(1_000_000)}"`;
    expect(readChallenges(header)[0]?.parameters.get('error')).toBe('invalid_token');
  });

  const pieces = fc.constantFrom(
    'Bearer',
    'DPoP',
    ' ',
    ',',
    '=',
    '"',
    '\\',
    '\t',
    'error',
    'invalid_token',
    'realm',
    ';',
    '\0',
    'é',
    '~',
    '(',
  );
  test('whatever it is, it is no error, and schemes and names come in lower case', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .array(fc.integer({ max: 0xffff, min: 0 }), { maxLength: 30 })
            .map((units) => String.fromCharCode(...units)),
          fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
        ),
        (header) => {
          for (const { parameters, scheme } of readChallenges(header)) {
            expect(scheme).toBe(scheme.toLowerCase());
            for (const name of parameters.keys()) expect(name).toBe(name.toLowerCase());
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  const token = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,12}$/).map((name) => name.toLowerCase());
  const value = fc.string({ maxLength: 20 }).filter((each) => !/[^\x20-\x7E]/.test(each));
  test('what a server writes by the rules comes out as it was meant', () => {
    const challenge = fc.record({
      scheme: token,
      parameters: fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges
          .map(
            ({ parameters, scheme }) =>
              `${scheme} ${parameters.map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`).join(', ')}`,
          )
          .join(', ');
        expect(read(header)).toEqual(
          challenges.map(({ parameters, scheme }) => [scheme, Object.fromEntries(parameters)]),
        );
      }),
    );
  });
});
