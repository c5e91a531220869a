/** An authorization server and its API in memory that bind tokens to keys (RFC 9449) and believe only proofs that they have checked. */
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../src/core/ports.ts';
import { ORIGIN, REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from './token-server.ts';

export const API = 'https://api.example.com';

/** A request as it arrived, its proof checked. */
export interface Arrival {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | null;
  readonly proof: JWTPayload | undefined;
  readonly body: string;
  readonly status: number;
}

export interface BoundServer {
  readonly fetch: typeof globalThis.fetch;
  /** Tokens bound to that key. */
  readonly login: (key: CryptoKeyPair, changes?: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
  readonly arrivals: Arrival[];
  /** What the token endpoint, and the API, want to read in proofs; nothing where they want none. */
  readonly wants: { token?: string | undefined; api?: string | undefined };
  /** A nonce that comes with the next answers, good or not. */
  readonly gives: { token?: string | undefined; api?: string | undefined };
  /** Answers that come instead of its own, each once. */
  readonly instead: { token?: (() => Response) | undefined; api?: (() => Response) | undefined };
  /** Milliseconds by which its clock is ahead. */
  skew: number;
  /** Whether pages may read `WWW-Authenticate`. Default `true`. */
  exposes: boolean;
  /** The `token_type` of what it issues. Default `'DPoP'`. */
  tokenType: string;
  /** Makes the API refuse all access tokens given so far. */
  readonly refuseAll: () => void;
}

/** Seconds around now in which a proof without a nonce is believed. */
const WINDOW = 60;

export function boundServer(clock: Pick<Clock, 'now'>): BoundServer {
  let count = 0;
  let oldest = 0;
  const bound = new Map<string, { readonly jkt: string; isUsed: boolean }>();
  const seen = new Set<string>();
  const server: BoundServer = {
    fetch: async (input, init) => {
      const request = new Request(input instanceof Request ? input : new URL(String(input), ORIGIN), init);
      const { headers, method, url } = request;
      const body = await request.clone().text();
      const place = url === TOKEN_ENDPOINT || url === REVOCATION_ENDPOINT ? 'token' : 'api';
      let proof: JWTPayload | undefined;
      let jkt: string | undefined;
      let problem: string | undefined;
      try {
        ({ jkt, proof } = await check(request));
      } catch (error) {
        problem = String(error);
      }
      const instead = server.instead[place];
      server.instead[place] = undefined;
      const response = instead?.() ?? answer({ url, headers, body, proof, jkt, problem });
      const nonce = server.gives[place];
      if (nonce !== undefined) response.headers.set('dpop-nonce', nonce);
      response.headers.set('date', new Date(clock.now() + server.skew).toUTCString());
      if (!server.exposes) response.headers.delete('www-authenticate');
      const authorization = headers.get('authorization');
      server.arrivals.push({ url, method, authorization, proof, body, status: response.status });
      return response;
    },
    login: async (key, changes = {}) => {
      const jwk = await crypto.subtle.exportKey('jwk', key.publicKey);
      return { ...mint(await calculateJwkThumbprint(jwk)), ...changes };
    },
    arrivals: [],
    wants: {},
    gives: {},
    instead: {},
    skew: 0,
    exposes: true,
    tokenType: 'DPoP',
    refuseAll: () => {
      oldest = count + 1;
    },
  };
  return server;

  function mint(jkt: string): Record<string, unknown> {
    count += 1;
    const [access, refresh] = [`access-${count}`, `refresh-${count}`];
    for (const token of [access, refresh]) bound.set(token, { jkt, isUsed: false });
    return { access_token: access, refresh_token: refresh, token_type: server.tokenType, expires_in: 300 };
  }

  async function check(request: Request): Promise<{ readonly proof: JWTPayload; readonly jkt: string }> {
    const text = request.headers.get('dpop') ?? '';
    const { jwk } = decodeProtectedHeader(text);
    const { payload } = await jwtVerify(text, EmbeddedJWK, {
      algorithms: ['ES256'],
      typ: 'dpop+jwt',
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    const { htm, htu, jti = '' } = payload;
    const target = new URL(request.url);
    if (htm !== request.method || htu !== target.origin + target.pathname) throw new Error('Of another request.');
    if (jti === '' || seen.has(jti)) throw new Error('Of the past.');
    seen.add(jti);
    if (jwk === undefined || Object.keys(jwk).toSorted().join() !== 'crv,kty,x,y') throw new Error('Not a public key.');
    return { proof: payload, jkt: await calculateJwkThumbprint(jwk) };
  }

  interface Question {
    readonly url: string;
    readonly headers: Headers;
    readonly body: string;
    readonly proof: JWTPayload | undefined;
    readonly jkt: string | undefined;
    readonly problem: string | undefined;
  }

  function answer({ body, headers, jkt, problem, proof, url }: Question): Response {
    if (url === REVOCATION_ENDPOINT) return new Response(null);
    const place = url === TOKEN_ENDPOINT ? 'token' : 'api';
    const refuse = (error: string) =>
      place === 'token'
        ? Response.json({ error }, { status: 400 })
        : new Response(null, { status: 401, headers: { 'www-authenticate': `DPoP algs="ES256", error="${error}"` } });
    if (problem !== undefined || proof === undefined) return refuse('invalid_dpop_proof');
    const wanted = server.wants[place];
    if (wanted === undefined) {
      const age = Math.abs((clock.now() + server.skew) / 1_000 - (proof.iat ?? 0));
      if (age > WINDOW) return refuse('invalid_dpop_proof');
    } else if (proof['nonce'] !== wanted) {
      const refusal = refuse('use_dpop_nonce');
      refusal.headers.set('dpop-nonce', wanted);
      return refusal;
    }
    return place === 'token' ? exchange(body, jkt, refuse) : judge(headers, jkt, proof, refuse);
  }

  function exchange(body: string, jkt: string | undefined, refuse: (error: string) => Response): Response {
    const token = bound.get(new URLSearchParams(body).get('refresh_token') ?? '');
    if (token === undefined || jkt === undefined || token.jkt !== jkt || token.isUsed) return refuse('invalid_grant');
    token.isUsed = true;
    return Response.json(mint(jkt));
  }

  function judge(
    headers: Headers,
    jkt: string | undefined,
    proof: JWTPayload,
    refuse: (error: string) => Response,
  ): Response {
    const token = /^DPoP (access-(\d+))$/.exec(headers.get('authorization') ?? '');
    const isBound = token !== null && bound.get(token[1] ?? '')?.jkt === jkt && typeof proof['ath'] === 'string';
    return isBound && Number(token[2]) >= oldest ? Response.json({ ok: true }) : refuse('invalid_token');
  }
}
