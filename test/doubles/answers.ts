/** Token responses as good and bad servers send them: one table for every way into a session. */
import { jwt } from '../../src/testing/jwt.ts';

/** Something that must never be seen outside of a request: what shows any part of it leaks. */
export const CANARY = 'CANARY7';

const GOOD: Readonly<Record<string, string>> = {
  access_token: '"next-access"',
  refresh_token: '"next-refresh"',
  token_type: '"Bearer"',
  expires_in: '300',
};

/** A token response as JSON text, with some members as other literals; `undefined` leaves one out. */
export function answerText(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const members = Object.entries({ ...GOOD, ...changes }).filter(([, literal]) => literal !== undefined);
  return `{${members.map(([name, literal]) => `${JSON.stringify(name)}:${literal}`).join(',')}}`;
}

/** As a login library hands it over. */
export function answerOf(changes: Readonly<Record<string, string | undefined>> = {}): unknown {
  return JSON.parse(answerText(changes));
}

const text = (value: string) => JSON.stringify(value);

/** Members that make a token response bad: a claim, the member, and its literal in JSON; `undefined` leaves it out. */
export const REFUSED_MEMBERS: readonly (readonly [claim: string, field: string, literal: string | undefined])[] = [
  ['a life with a unit behind it', 'expires_in', '"3600abc"'],
  ['a life in hexadecimal', 'expires_in', '"0x10"'],
  ['a life in scientific notation in a string', 'expires_in', '"1e3"'],
  ['a life with a sign in a string', 'expires_in', '"+60"'],
  ['a life with blanks around it', 'expires_in', '" 60 "'],
  ['a life beyond all numbers', 'expires_in', '1e999'],
  ['a life that is the word Infinity', 'expires_in', '"Infinity"'],
  ['a life that is the word NaN', 'expires_in', '"NaN"'],
  ['a negative life', 'expires_in', '-1'],
  ['a negative life in a string', 'expires_in', '"-1"'],
  ['a life of less than no time', 'expires_in', '-0.001'],
  ['a life of null', 'expires_in', 'null'],
  ['a life of true', 'expires_in', 'true'],
  ['a life of false', 'expires_in', 'false'],
  ['a life of the empty string', 'expires_in', '""'],
  ['a life in an array', 'expires_in', '[300]'],
  ['a life in an object', 'expires_in', '{"seconds":300}'],
  ['a life as a date', 'expires_in', '"2026-01-01T00:00:00Z"'],
  ['no access token', 'access_token', undefined],
  ['an empty access token', 'access_token', '""'],
  ['an access token of null', 'access_token', 'null'],
  ['a number for an access token', 'access_token', '12345'],
  ['an array for an access token', 'access_token', `["${CANARY}"]`],
  ['an object for an access token', 'access_token', `{"value":"${CANARY}"}`],
  ['true for an access token', 'access_token', 'true'],
  ['a carriage return in the access token', 'access_token', text(`${CANARY}\rx`)],
  ['a line feed in the access token', 'access_token', text(`${CANARY}\nx`)],
  ['a line feed behind the access token', 'access_token', text(`${CANARY}\n`)],
  ['a second header in the access token', 'access_token', text(`${CANARY}\r\nx-admin: 1`)],
  ['NUL in the access token', 'access_token', text(`${CANARY}\0x`)],
  ['a tab in the access token', 'access_token', text(`${CANARY}\tx`)],
  ['a blank in the access token', 'access_token', text(`${CANARY} x`)],
  ['DEL in the access token', 'access_token', text(`${CANARY}\x7Fx`)],
  ['Latin-1 in the access token', 'access_token', text(`${CANARY}é`)],
  ['an emoji in the access token', 'access_token', text(`${CANARY}🔑`)],
  ['a full-width letter in the access token', 'access_token', text(`${CANARY}Ａ`)],
  ['half a surrogate pair in the access token', 'access_token', `"${CANARY}\\ud83d"`],
  ['an access token one byte too long', 'access_token', text(CANARY.padEnd(16_385, 'x'))],
  ['an access token of a mebibyte', 'access_token', text(CANARY.padEnd(1_048_576 / 2, 'x'))],
  ['no token type', 'token_type', undefined],
  ['a token type of null', 'token_type', 'null'],
  ['an empty token type', 'token_type', '""'],
  ['a token type in an array', 'token_type', '["Bearer"]'],
  ['a number for a token type', 'token_type', '1'],
  ['a MAC token', 'token_type', '"mac"'],
  ['a token of no type', 'token_type', '"N_A"'],
  ['a DPoP token that nobody asked for', 'token_type', '"DPoP"'],
  ['two token types', 'token_type', '"Bearer DPoP"'],
  ['a token type with a blank behind it', 'token_type', '"Bearer "'],
  ['a number for a refresh token', 'refresh_token', '12345'],
  ['true for a refresh token', 'refresh_token', 'true'],
  ['a refresh token in an array', 'refresh_token', `["${CANARY}"]`],
  ['a line feed in the refresh token', 'refresh_token', text(`${CANARY}\nx`)],
  ['NUL in the refresh token', 'refresh_token', text(`${CANARY}\0x`)],
  ['DEL in the refresh token', 'refresh_token', text(`${CANARY}\x7F`)],
  ['Latin-1 in the refresh token', 'refresh_token', text(`${CANARY}é`)],
  ['a refresh token one byte too long', 'refresh_token', text(CANARY.padEnd(16_385, 'x'))],
];

const CENTURY = 100 * 365.25 * 24 * 3_600;

/** Members that a response may have, and the life that comes of it, in seconds; `undefined` when it stays unknown. */
export const ACCEPTED_LIVES: readonly (readonly [
  claim: string,
  life: number | undefined,
  changes: Record<string, string | undefined>,
])[] = [
  ['a number of seconds', 3_600, { expires_in: '3600' }],
  ['seconds in a string', 3_600, { expires_in: '"3600"' }],
  ['seconds and a half', 1.5, { expires_in: '1.5' }],
  ['0.4 s, not rounded to 0', 0.4, { expires_in: '0.4' }],
  ['0.4 s in a string', 0.4, { expires_in: '"0.4"' }],
  ['no time at all', 0, { expires_in: '0' }],
  ['more seconds than a timer can carry milliseconds', 2 ** 31, { expires_in: String(2 ** 31) }],
  ['milliseconds taken for seconds', 3_600_000, { expires_in: '3600000' }],
  ['a date taken for a life', 1_735_689_600, { expires_in: '1735689600' }],
  ['an absurd life, cut to a century', CENTURY, { expires_in: '1e300' }],
  ['the largest number there is, cut to a century', CENTURY, { expires_in: '1.7976931348623157e308' }],
  ['an absurd life in a string, cut to a century', CENTURY, { expires_in: '"99999999999999999999"' }],
  ['no life, with a token that tells it', 600, jwtAnswer({ iat: 1_000, exp: 1_600 })],
  ['no life, with a token made in the future', 600, jwtAnswer({ iat: 4_000_000_000, exp: 4_000_000_600 })],
  ['no life, with fractions in the token', 0.5, jwtAnswer({ iat: 1_000, exp: 1_000.5 })],
  ['a life, with a token that tells another', 300, { ...jwtAnswer({ iat: 1_000, exp: 1_600 }), expires_in: '300' }],
  [
    'a life, with a token that is long dead by its own date',
    300,
    { ...jwtAnswer({ iat: 0, exp: 1 }), expires_in: '300' },
  ],
  ['no life, with an opaque token', undefined, { expires_in: undefined }],
  [
    'no life, with an encrypted token of five parts',
    undefined,
    { access_token: '"aa.bb.cc.dd.ee"', expires_in: undefined },
  ],
  ['no life, with three parts that are no JWT', undefined, { access_token: '"aa.bb.cc"', expires_in: undefined }],
  ['no life, with a JWT of an array', undefined, { access_token: text(jwt('[1,2]')), expires_in: undefined }],
  ['no life, with a JWT cut short', undefined, { access_token: text(jwt('{"exp":16')), expires_in: undefined }],
  ['no life, with a JWT without `iat`', undefined, jwtAnswer({ exp: 1_600 })],
  ['no life, with a JWT without `exp`', undefined, jwtAnswer({ iat: 1_000 })],
  ['no life, with `exp` as a string', undefined, jwtAnswer({ iat: 1_000, exp: '1600' })],
  ['no life, with `exp` in milliseconds', undefined, jwtAnswer({ iat: 1_767_225_600, exp: 1_767_225_900_000 })],
  [
    'no life, with both dates in milliseconds',
    undefined,
    jwtAnswer({ iat: 1_767_225_600_000, exp: 1_767_225_900_000 }),
  ],
  ['no life, with `exp` beyond the year 9999', undefined, jwtAnswer({ iat: 1_767_225_600, exp: 253_402_300_800 })],
  [
    'no life, with `exp` at the end of 9999, cut to a century',
    CENTURY,
    jwtAnswer({ iat: 1_767_225_600, exp: 253_402_300_799 }),
  ],
  ['no life, with `exp` beyond all numbers', undefined, jwtAnswer('{"iat":1,"exp":1e999}')],
  ['no life, with a negative `exp`', undefined, jwtAnswer({ iat: -10, exp: -5 })],
  ['no life, with `exp` before `iat`', undefined, jwtAnswer({ iat: 1_600, exp: 1_000 })],
  ['no life, with `exp` at `iat`', undefined, jwtAnswer({ iat: 1_600, exp: 1_600 })],
  ['no life, with `exp` of null', undefined, jwtAnswer({ iat: 1_000, exp: null })],
  ['no life, with claims in a `__proto__` member', undefined, jwtAnswer('{"__proto__":{"iat":1,"exp":600}}')],
  [
    'no life, with arrays in the token as deep as it is long',
    600,
    jwtAnswer(`{"iat":0,"exp":600,"x":${nested(5_000)}}`),
  ],
];

function jwtAnswer(claims: Readonly<Record<string, unknown>> | string): Record<string, string | undefined> {
  return { access_token: text(jwt(claims)), expires_in: undefined };
}

export function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}
