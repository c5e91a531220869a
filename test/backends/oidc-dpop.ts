/** A certified authorization server that gives tokens only for proofs with its nonce in them, and an API that checks proofs with nonces of its own. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  EmbeddedJWK,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type JWK,
} from 'jose';
import type { Context, Provider } from 'oidc-provider';
import type { Plugin } from 'vite';
import { memoryAdapter } from '../../demo/server/memory-adapter.ts';
import { withoutAdvice } from '../../demo/server/silence.ts';

const CLIENT_ID = 'spa';
export const REDIRECT_URI = 'https://spa.example.com/callback';
const SCOPE = 'orders';
/** Seconds. */
const LIFE = 4;
/** Milliseconds after which the API wants another nonce; it believes the one before as well. */
const NONCE_LIFE = 2_000;

/** What was seen of one user's requests at the API: how often each answer was given. */
export type Seen = Record<string, number>;

/** `/oidc-dpop` tells where it is: `{ issuer, api }`. Access tokens live four seconds, refresh tokens are good once. */
export function oidcDpop(): Plugin {
  return {
    name: 'holdfast-test-oidc-dpop',
    configureServer: async (vite) => {
      let answerIssuer: Handler = () => {};
      let answerApi: Handler = () => {};
      const listen = async (answer: Handler): Promise<string> => {
        const server = createServer((request, response) => void answer(request, response));
        await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
        server.unref();
        vite.httpServer?.on('close', () => server.close());
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      };
      const issuer = await listen((...call) => answerIssuer(...call));
      const api = await listen((...call) => answerApi(...call));
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const key = { kid: 'test', alg: 'ES256', use: 'sig' };
      const provider = await makeProvider(issuer, api, { ...(await exportJWK(privateKey)), ...key });
      const answerProvider = provider.callback();
      answerIssuer = async (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '', issuer);
        if (pathname !== '/code') return answerProvider(request, response);
        response.setHeader('access-control-allow-origin', '*');
        response.end(await issueCode(provider, api, searchParams.get('user') ?? ''));
      };
      answerApi = makeApi(issuer, api, [{ ...(await exportJWK(publicKey)), ...key }]);
      vite.middlewares.use((request, response, next) => {
        if (request.url !== '/oidc-dpop') return next();
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ issuer, api }));
      });
    },
  };
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Access tokens live so many seconds. */
export function makeProvider(issuer: string, audience: string, signingKey: JWK, life = LIFE): Promise<Provider> {
  return withoutAdvice(async () => {
    const { Provider } = await import('oidc-provider');
    return new Provider(issuer, {
      adapter: memoryAdapter(),
      jwks: { keys: [signingKey] },
      clients: [
        {
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          redirect_uris: [REDIRECT_URI],
          id_token_signed_response_alg: 'ES256',
          dpop_bound_access_tokens: true,
        },
      ],
      scopes: ['openid'],
      responseTypes: ['code'],
      pkce: { required: () => false },
      clientBasedCORS: () => true,
      issueRefreshToken: async () => true,
      rotateRefreshToken: true,
      expiresWithSession: async () => false,
      cookies: { keys: [randomBytes(32).toString('base64url')] },
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      findAccount: async (_context: Context, accountId: string) => ({
        accountId,
        claims: async () => ({ sub: accountId }),
      }),
      features: {
        devInteractions: { enabled: false },
        dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
        revocation: { enabled: true, allowedPolicy: () => true },
        resourceIndicators: {
          enabled: true,
          defaultResource: async () => audience,
          useGrantedResource: async () => true,
          getResourceServerInfo: async () => ({
            scope: SCOPE,
            audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL: life,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      ttl: { AccessToken: life, AuthorizationCode: 60, Grant: 3_600, IdToken: life, RefreshToken: 3_600 },
    });
  });
}

/** A code as the user's own sign-in would bring it. */
export async function issueCode(provider: Provider, audience: string, accountId: string): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId: CLIENT_ID });
  grant.addOIDCScope('openid');
  grant.addResourceScope(audience, SCOPE);
  const code = new provider.AuthorizationCode({
    accountId,
    client: await provider.Client.find(CLIENT_ID),
    grantId: await grant.save(),
    redirectUri: REDIRECT_URI,
    resource: audience,
    scope: `openid ${SCOPE}`,
  });
  return code.save();
}

/** `GET /seen?user=…` tells how often that user's calls were answered how. */
export function makeApi(issuer: string, audience: string, keys: JWK[], nonceLife = NONCE_LIFE): Handler {
  const keySet = createLocalJWKSet({ keys });
  const spent = new Set<string>();
  const books = new Map<string, Seen>();
  const secret = randomBytes(8).toString('hex');
  const nonceAt = (at: number) => `${secret}.${Math.floor(at / nonceLife)}`;

  /** @throws Error whose message is the error code. */
  const judge = async (request: IncomingMessage): Promise<void> => {
    const { authorization = '', dpop } = request.headers;
    const token = /^DPoP (.+)$/.exec(authorization)?.[1];
    if (token === undefined || typeof dpop !== 'string') throw new Error('invalid_token');
    const { jwk } = decodeProtectedHeader(dpop);
    const { payload: proof } = await jwtVerify(dpop, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] }).catch(
      () => {
        throw new Error('invalid_dpop_proof');
      },
    );
    const { pathname } = new URL(request.url ?? '', audience);
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url');
    const isRight = proof['htm'] === request.method && proof['htu'] === audience + pathname && proof['ath'] === hash;
    if (!isRight || proof.jti === undefined || spent.has(proof.jti)) throw new Error('invalid_dpop_proof');
    const now = Date.now();
    if (![nonceAt(now), nonceAt(now - nonceLife)].includes(String(proof['nonce']))) throw new Error('use_dpop_nonce');
    spent.add(proof.jti);
    const { payload } = await jwtVerify(token, keySet, { issuer, audience, clockTolerance: 0 }).catch(() => {
      throw new Error('invalid_token');
    });
    const { jkt } = Object(payload['cnf']) as { readonly jkt?: unknown };
    if (jwk === undefined || jkt !== (await calculateJwkThumbprint(jwk))) throw new Error('invalid_token');
  };

  return async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, dpop');
    response.setHeader('access-control-expose-headers', 'DPoP-Nonce, WWW-Authenticate');
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const { pathname, searchParams } = new URL(request.url ?? '', audience);
    const user = searchParams.get('user') ?? '';
    const seen = books.get(user) ?? {};
    books.set(user, seen);
    if (pathname === '/seen') return void response.end(JSON.stringify(seen));
    response.setHeader('dpop-nonce', nonceAt(Date.now()));
    const verdict = await judge(request).then(
      () => 'good',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
    seen[verdict] = (seen[verdict] ?? 0) + 1;
    if (verdict === 'good') return void response.end('{}');
    response.writeHead(401, { 'www-authenticate': `DPoP algs="ES256", error="${verdict}"` }).end();
  };
}
