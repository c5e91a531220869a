/** Sessions at oidc-provider with proofs and nonces required, refresh tokens that are good once, and an API with nonces of its own. */
import { createStore, get } from 'idb-keyval';
import { calculateJwkThumbprint } from 'jose';
import { expect, test, vi } from 'vitest';
import { dpop, type DpopServer } from '../../src/dpop.ts';
import { createSession, oauth2, type Session } from '../../src/index.ts';
import type { Seen } from '../backends/oidc-dpop.ts';
import { pause } from './at-stand.ts';

const LONG = { timeout: 90_000 };
/** Seconds that an access token lives there. */
const LIFE = 4;
const CLIENT = { client_id: 'spa', redirect_uri: 'https://spa.example.com/callback' };

interface SignedIn {
  readonly name: string;
  readonly issuer: string;
  readonly server: DpopServer;
  readonly sessions: readonly [Session, ...Session[]];
  /** One more tab; the same as after a reload. */
  readonly open: () => Promise<Session>;
  readonly call: (session: Session) => Promise<Response>;
  readonly callFor: (seconds: number, sessions?: readonly Session[]) => Promise<ReadonlySet<number>>;
  readonly seen: () => Promise<Seen>;
  readonly refreshToken: string;
  readonly api: string;
}

async function signIn(onTestFinished: (task: () => void) => void): Promise<SignedIn> {
  const name = crypto.randomUUID();
  const { api, issuer } = (await (await fetch('/oidc-dpop')).json()) as {
    readonly api: string;
    readonly issuer: string;
  };
  const make = () => {
    const server = dpop(oauth2({ issuer, clientId: CLIENT.client_id }));
    const session = createSession({ name, server, resources: [`${api}/api/`] });
    onTestFinished(session.dispose);
    return { server, session };
  };
  const { server, session } = make();
  const code = await (await fetch(`${issuer}/code?user=${name}`)).text();
  const body = new URLSearchParams({ ...CLIENT, grant_type: 'authorization_code', code });
  const answer = (await (await server.signInFetch(`${issuer}/token`, { method: 'POST', body })).json()) as {
    readonly refresh_token: string;
  };
  await session.start(answer);
  const call = (it: Session) => it.fetch(`${api}/api/orders?user=${name}`);
  return {
    name,
    issuer,
    api,
    server,
    sessions: [session],
    refreshToken: answer.refresh_token,
    open: async () => {
      const next = make().session;
      await next.ready;
      return next;
    },
    call,
    callFor: async (seconds, sessions = [session]) => {
      const statuses = new Set<number>();
      const until = performance.now() + seconds * 1_000;
      await Promise.all(
        sessions.map(async (it) => {
          while (performance.now() < until) {
            statuses.add((await call(it)).status);
            await pause(0.1);
          }
        }),
      );
      return statuses;
    },
    seen: async () => (await (await fetch(`${api}/seen?user=${name}`)).json()) as Seen,
  };
}

/** What lies in the database. */
async function stored(name: string): Promise<{ readonly key?: CryptoKeyPair; readonly ended?: string }> {
  return (await get('record', createStore(`holdfast/${name}`, 'session'))) ?? {};
}

test.concurrent(
  'three tabs are kept under calls and idle, and nothing is refused but for a nonce',
  LONG,
  async ({ onTestFinished }) => {
    const { callFor, open, seen, sessions } = await signIn(onTestFinished);
    const tabs = [...sessions, await open(), await open()];
    expect([...(await callFor(4 * LIFE, tabs))]).toEqual([200]);
    await pause(2 * LIFE);
    expect([...(await callFor(LIFE, tabs))]).toEqual([200]);
    const { good = 0, use_dpop_nonce: again = 0, ...refused } = await seen();
    expect(refused).toEqual({});
    expect(good).toBeGreaterThan(50);
    // Each tab is told its first nonce, and hardly another: they come with the answers.
    expect(again).toBeGreaterThanOrEqual(1);
    expect(again).toBeLessThan(20);
    expect(sessions[0].inspect().generation).toBeGreaterThanOrEqual(5);
  },
);

test.concurrent(
  'after a reload the key is there, and the same: rotations and calls go on',
  LONG,
  async ({ onTestFinished }) => {
    const { callFor, name, open, seen, server, sessions } = await signIn(onTestFinished);
    const { key } = await stored(name);
    expect(key?.privateKey.extractable).toBe(false);
    sessions[0].dispose();
    const reloaded = await open();
    await reloaded.rotate();
    expect([...(await callFor(2 * LIFE, [reloaded]))]).toEqual([200]);
    const thumbprint = async (of: CryptoKeyPair | undefined) =>
      of && calculateJwkThumbprint(await crypto.subtle.exportKey('jwk', of.publicKey));
    expect(await thumbprint((await stored(name)).key)).toBe(await thumbprint(key));
    expect(Object.keys(await seen()).toSorted()).toEqual(['good', 'use_dpop_nonce']);
    expect(await thumbprint(await server.signInKey())).not.toBe(await thumbprint(key));
  },
);

test.concurrent(
  'signing out in one tab deletes the key with the tokens, and ends the others',
  LONG,
  async ({ onTestFinished }) => {
    const { call, name, open, refreshToken, server, sessions, issuer } = await signIn(onTestFinished);
    const other = await open();
    expect((await call(other)).status).toBe(200);
    await other.end();
    await vi.waitFor(() => expect(sessions[0].state.status).toBe('ended'), 10_000);
    const record = await stored(name);
    expect(record.ended).toBe('signed-out');
    expect(record.key).toBeUndefined();
    expect((await call(sessions[0])).status).toBe(401);
    const body = new URLSearchParams({ ...CLIENT, grant_type: 'refresh_token', refresh_token: refreshToken });
    // Revoked in the background.
    await vi.waitFor(async () => {
      const answer = await server.signInFetch(`${issuer}/token`, { method: 'POST', body });
      expect(await answer.json()).toMatchObject({ error: 'invalid_grant', error_description: expect.any(String) });
    }, 10_000);
  },
);

test.concurrent(
  'tokens that are stolen are worth nothing without the key, and the session does not notice',
  LONG,
  async ({ onTestFinished }) => {
    const { api, call, issuer, name, refreshToken, sessions } = await signIn(onTestFinished);
    const [session] = sessions;
    const token = await session.token();
    const url = `${api}/api/orders?user=thief-of-${name}`;
    const thief = dpop(oauth2({ issuer, clientId: CLIENT.client_id }));
    const key = await thief.signInKey();
    const attached = () => thief.attach({ url, method: 'GET' }, { accessToken: token, key });
    for (const scheme of ['Bearer', 'DPoP'])
      expect((await fetch(url, { headers: { authorization: `${scheme} ${token}` } })).status).toBe(401);
    const first = await fetch(url, (await attached()) as RequestInit);
    void thief.isRefusal({ request: { url, method: 'GET' }, response: first });
    const second = await fetch(url, (await attached()) as RequestInit);
    expect(second.headers.get('www-authenticate')).toContain('invalid_token');
    const body = new URLSearchParams({ ...CLIENT, grant_type: 'refresh_token', refresh_token: refreshToken });
    const bare = await fetch(`${issuer}/token`, { method: 'POST', body });
    expect(bare.status).toBe(400);
    const proven = await thief.signInFetch(`${issuer}/token`, { method: 'POST', body });
    expect(await proven.json()).toMatchObject({ error: 'invalid_grant' });
    await session.rotate();
    expect((await call(session)).status).toBe(200);
  },
);
