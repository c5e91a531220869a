/** A session that signs its own assertions with a key that cannot leave the browser, at a service that checks them. */
import { expect, onTestFinished, test } from 'vitest';
import { createSession } from '../../src/index.ts';
import { stackit } from '../../src/servers.ts';
import { openSite, pause } from './backend-site.ts';

test('a key in the browser gets tokens for as long as it likes, without a login, and no call is refused', async () => {
  const { history, origin, user } = await openSite('stackit');
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512', modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) },
    false,
    ['sign', 'verify'],
  );
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  await fetch(`${origin}/keys?user=${user}`, { method: 'POST', body: JSON.stringify(jwk) });
  const open = () => {
    const server = stackit({
      tokenUrl: `${origin}/token`,
      key: privateKey,
      kid: user,
      claims: { iss: user, sub: user, aud: 'stackit' },
    });
    const session = createSession({ name: user, server, resources: [`${origin}/api`] });
    onTestFinished(session.dispose);
    return session;
  };
  const first = open();
  await first.start({});
  expect((await first.fetch(`${origin}/api/servers`)).status).toBe(200);
  const tabs = [first, open(), open()];
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    const responses = await Promise.all(tabs.map((tab) => tab.fetch(`${origin}/api/servers`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    await pause(50);
  }
  const told = await history();
  expect(told).toMatchObject({ reuses: 0, refusals: 0 });
  expect(told['rotations']).toBeGreaterThanOrEqual(3);

  // A refresh token that somebody has made unusable: the key still opens the door.
  await fetch(`${origin}/revoke?user=${user}`, { method: 'POST' });
  await pause(4_000);
  expect((await first.fetch(`${origin}/api/servers`)).status).toBe(200);
  expect(first.state.status).toBe('active');
}, 40_000);
