/** XMLHttpRequest, native and patched: a page that could tell the two apart would see it here. */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { server } from 'vitest/browser';
import { createSession } from '../../src/create-session.ts';
import type { Session } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import { play } from './xhr-log.ts';
import { scripts } from './xhr-scripts.ts';

const near = `${location.origin}/backend/api/`;
const far = `${await (await fetch('/backend/elsewhere')).text()}api/`;

const native = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);

/** A session with a token of that name, which the API refuses if it begins with `dead`. */
async function open(token: string, life = 36_000): Promise<Session> {
  const session = createSession({
    name: crypto.randomUUID(),
    server: oauth2({ tokenEndpoint: '/backend/token', clientId: 'spa' }),
    resources: [near, far],
  });
  onTestFinished(session.dispose);
  await session.start({ access_token: token, token_type: 'Bearer', expires_in: life, refresh_token: 'r' });
  return session;
}

afterEach(() => {
  const now = Object.getOwnPropertyDescriptors(XMLHttpRequest.prototype);
  if (JSON.stringify(Object.keys(now)) !== JSON.stringify(Object.keys(native))) throw new Error('A patch was left.');
});

const kinds = [
  ['good', () => open('good')],
  ['refused at first', () => open('dead')],
  ['waited for', () => open('dead', 0.001)],
] as const;

describe.for(kinds)('with a token that is %s', ([name, start]) => {
  const isOdd = (oddIn: string | undefined) =>
    oddIn === server.browser || (oddIn === 'waiting' && name === 'waited for');
  const played = Object.entries(scripts).filter(([, { oddIn }]) => !isOdd(oddIn));
  test.for(played)('%s is as it is natively', async ([, script]) => {
    const base = script.far ? far : near;
    const theirs = await play(script, base, { authorization: 'Bearer good' });
    const undo = patchXMLHttpRequest(await start());
    const ours = await play(script, base, {});
    undo();
    expect(ours).toEqual(theirs);
  });
});
