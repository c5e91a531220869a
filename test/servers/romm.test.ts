/** RomM: the form that it is sent, and the names that it has for lives. */
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/core/types.ts';
import { romm } from '../../src/servers/romm.ts';
import { formOf, recordingContext } from '../doubles/server-context.ts';
import { testMisuse, testOutcomes } from './answers.ts';

const OPTIONS = { url: 'https://romm.example.com' };
const TOKENS: Tokens = { accessToken: 'access-0', refreshToken: 'refresh-0' };
const ANSWER = {
  access_token: 'access-1',
  refresh_token: 'refresh-1',
  token_type: 'bearer',
  expires: 1_800,
  refresh_expires: 604_800,
};
const answer = (body: unknown, status = 200) => recordingContext(() => Response.json(body, { status }));

describe('a rotation', () => {
  test('sends a form to /api/token and nothing else', async () => {
    const { context, sent } = answer(ANSWER);
    await romm(OPTIONS).rotate(TOKENS, context);
    expect(sent).toEqual([
      {
        url: 'https://romm.example.com/api/token',
        init: { method: 'POST', headers: { accept: 'application/json' }, body: expect.any(URLSearchParams) },
      },
    ]);
    expect(sent.flatMap(formOf)).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', 'refresh-0'],
    ]);
  });

  test('reads the lives from `expires` and `refresh_expires`', async () => {
    expect(await romm(OPTIONS).rotate(TOKENS, answer(ANSWER).context)).toMatchObject({
      outcome: 'rotated',
      tokens: { accessToken: 'access-1', refreshToken: 'refresh-1', life: 1_800_000, endsIn: 604_800_000 },
    });
  });

  test('with a refresh token that was used before is the end of the session', async () => {
    const { context } = answer({ detail: 'Could not validate credentials' }, 401);
    expect((await romm(OPTIONS).rotate(TOKENS, context)).outcome).toBe('rejected');
  });

  test('that lacks the refresh token says nothing of the session', async () => {
    const { context } = answer({ detail: 'Missing refresh token' }, 400);
    expect((await romm(OPTIONS).rotate(TOKENS, context)).outcome).toBe('misconfigured');
  });

  test('without a refresh token sends nothing', async () => {
    const { context, sent } = answer({});
    expect(await romm(OPTIONS).rotate({ accessToken: 'a' }, context)).toEqual({ outcome: 'rejected' });
    expect(sent).toEqual([]);
  });

  testOutcomes(romm(OPTIONS), TOKENS);
});

describe('lives', () => {
  const { readTokens } = romm(OPTIONS);

  test('below one second are not rounded down to none', () => {
    expect(readTokens({ ...ANSWER, expires: 0.4 }).life).toBe(400);
  });

  test('under the names of OAuth are not RomM’s', () => {
    const { expires: _, refresh_expires: __, ...rest } = ANSWER;
    expect(readTokens({ ...rest, expires_in: 5, refresh_expires_in: 5 })).toMatchObject({
      life: undefined,
      endsIn: undefined,
    });
  });

  test.each([['soon'], [-1], [null]])('of %j are no lives', (expires) => {
    expect(() => readTokens({ ...ANSWER, expires })).toThrow(TypeError);
  });
});

test('a token response of another type is none', () => {
  expect(() => romm(OPTIONS).readTokens({ ...ANSWER, token_type: 'mac' })).toThrow('token_type');
});

describe('options', () => {
  testMisuse('romm', romm, OPTIONS);

  test('lead to one endpoint, which never sees a token from fetch', () => {
    expect(romm({ url: 'https://romm.example.com/' }).endpoints).toEqual(['https://romm.example.com/api/token']);
    expect(romm({ url: '/' }).endpoints).toEqual(['/api/token']);
    expect(romm({ url: '/games' }).endpoints).toEqual(['/games/api/token']);
  });
});
