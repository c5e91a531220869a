/** The key of bound tokens in a real database: stored in one record with them, found again, good for signing, wiped. */
import { createStore, get } from 'idb-keyval';
import { EmbeddedJWK, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { dpop } from '../../src/dpop.ts';
import { createSession, oauth2 } from '../../src/index.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import type { Arrival } from './backend.ts';
import { send } from './patched-page.ts';

const URL_OF_API = `${location.origin}/backend/api/orders`;

/** Somebody who is signed in with bound tokens, and the page after a reload. */
async function signedIn() {
  const id = crypto.randomUUID();
  const make = () => {
    const server = dpop(oauth2({ tokenEndpoint: '/backend/token', clientId: 'spa' }));
    const session = createSession({ name: id, server, resources: ['/backend/api/'] });
    onTestFinished(session.dispose);
    return { server, session };
  };
  const { server, session } = make();
  await server.signInKey();
  await session.start({ access_token: 'good', token_type: 'DPoP', expires_in: 3_600, refresh_token: 'refresh' });
  return {
    session,
    reload: async () => {
      session.dispose();
      const reloaded = make().session;
      await reloaded.ready;
      return reloaded;
    },
    url: `${URL_OF_API}?id=${id}`,
    stored: async () =>
      (await get<{ readonly key?: CryptoKeyPair }>('record', createStore(`holdfast/${id}`, 'session')))?.key,
    arrivals: async () => (await (await fetch(`/backend/seen?id=${id}`)).json()) as Arrival[],
  };
}

async function proofOf(arrival: Arrival | undefined) {
  const { payload } = await jwtVerify(String(arrival?.headers['dpop']), EmbeddedJWK, { typ: 'dpop+jwt' });
  return payload;
}

test('after a reload the stored key signs the same: it cannot be read out', async () => {
  const { arrivals, reload, session, stored, url } = await signedIn();
  await session.fetch(url);
  const key = await stored();
  expect(key?.privateKey.extractable).toBe(false);
  const reloaded = await reload();
  await reloaded.fetch(url, { method: 'PUT', body: 'x' });
  const [before, after] = await arrivals();
  const [one, other] = [await proofOf(before), await proofOf(after)];
  expect([one, other]).toMatchObject([
    { htm: 'GET', htu: URL_OF_API },
    { htm: 'PUT', htu: URL_OF_API },
  ]);
  expect(other['ath']).toBe(one['ath']);
  expect(other.jti).not.toBe(one.jti);
  const keyIn = (arrival: Arrival | undefined) =>
    JSON.parse(atob(String(arrival?.headers['dpop']).split('.')[0] ?? '')) as unknown;
  expect(keyIn(after)).toEqual(keyIn(before));
  expect(after?.headers['authorization']).toBe('DPoP good');
});

test('signing out wipes the key', async () => {
  const { session, stored } = await signedIn();
  expect(await stored()).toBeDefined();
  await session.end();
  expect(await stored()).toBeUndefined();
});

test('an XMLHttpRequest of a patched page is proved as well', async () => {
  const { arrivals, session, url } = await signedIn();
  onTestFinished(patchXMLHttpRequest(session));
  await send(url).ended;
  const [arrival] = await arrivals();
  expect(arrival?.headers['authorization']).toBe('DPoP good');
  expect(await proofOf(arrival)).toMatchObject({ htm: 'POST', htu: URL_OF_API });
});
