/** Answers of a token endpoint that mean the same whoever gives them, and what they have to be taken for. */
import { expect, test } from 'vitest';
import type { RotationOutcome, TokenServer, Tokens } from '../../src/core/types.ts';
import { CANARY } from '../doubles/answers.ts';
import { recordingContext } from '../doubles/server-context.ts';

type Row = readonly [claim: string, outcome: RotationOutcome['outcome'], answer: () => Response];

const page = (status: number) => () =>
  new Response(`<h1>${CANARY}</h1>`, { status, headers: { 'content-type': 'text/html' } });
const cut = () =>
  new Response(
    new ReadableStream({
      start: (stream) => {
        stream.enqueue(new TextEncoder().encode('{"access_token":'));
        stream.error(new TypeError('network error'));
      },
    }),
  );

const ROWS: readonly Row[] = [
  ['401 without a word', 'rejected', () => new Response(null, { status: 401 })],
  ['invalid_grant', 'rejected', () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
  ['400 that names no reason', 'misconfigured', () => new Response(null, { status: 400 })],
  ['404 from a wrong address', 'misconfigured', page(404)],
  ['405', 'misconfigured', page(405)],
  ['422, the request was not understood', 'misconfigured', () => Response.json({ detail: [] }, { status: 422 })],
  ['408', 'held-back', page(408)],
  ['429', 'held-back', page(429)],
  ['500', 'unknown', page(500)],
  ['502 of a proxy', 'unknown', page(502)],
  ['503', 'unknown', () => Response.json({ detail: 'down' }, { status: 503 })],
  ['a page instead of tokens', 'unknown', page(200)],
  ['nothing at all', 'unknown', () => new Response(null)],
  ['204', 'unknown', () => new Response(null, { status: 204 })],
  ['an answer that is cut', 'unknown', cut],
  ['null', 'unknown', () => new Response('null')],
  ['an array', 'unknown', () => new Response('[]')],
  ['an empty object', 'unknown', () => new Response('{}')],
];

/** Claims for this server what every server has to keep. */
export function testOutcomes(server: TokenServer, tokens: Tokens): void {
  test.each(ROWS)('%s is taken for %s', async (_, outcome, answer) => {
    const result = await server.rotate(tokens, recordingContext(answer).context);
    expect(result.outcome).toBe(outcome);
    expect(JSON.stringify(result)).not.toContain(CANARY);
  });
}

/** Claims for the factory what every factory does with options that are none, or are not its own. */
export function testMisuse(
  name: string,
  make: (options: never) => TokenServer,
  good: Readonly<Record<string, unknown>>,
) {
  const makeWith = (options: unknown) => () => Reflect.apply(make, undefined, [options]) as unknown;

  test.each([undefined, null, 'https://as.example.com', 7, []])('%j is no options at all', (options) => {
    expect(makeWith(options)).toThrow(TypeError);
    expect(makeWith(options)).toThrow(new RegExp(`^${name}`));
  });

  test.each(['uri', 'clientSecret', '__proto__'])('%s is unknown, and a TypeError names it', (option) => {
    const options: unknown = Object.assign(JSON.parse(`{${JSON.stringify(option)}:"${CANARY}"}`), good);
    expect(makeWith(options)).toThrow(TypeError);
    expect(makeWith(options)).toThrow(JSON.stringify(option));
    expect(makeWith(options)).not.toThrow(CANARY);
  });

  const texts = Object.keys(good).filter((option) => typeof good[option] === 'string');
  test.each(texts)('%s must be a string that is not empty', (option) => {
    for (const value of ['', null, 7, true, {}, ['https://as.example.com/'], new URL('https://as.example.com/')]) {
      expect(makeWith({ ...good, [option]: value })).toThrow(`${name}: ${option}`);
    }
    expect(makeWith({ ...good, [option]: undefined })).toThrow(`${name}: ${option}`);
  });

  test('of a polluted Object.prototype are not taken', () => {
    const [first = ''] = texts;
    try {
      Object.defineProperty(Object.prototype, first, { value: 'https://evil.com/', configurable: true });
      expect(makeWith({})).toThrow(`${name}: ${first}`);
    } finally {
      Reflect.deleteProperty(Object.prototype, first);
    }
  });
}
