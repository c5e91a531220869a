/** STACKIT's token endpoint and an API behind it: assertions signed by a registered key, each good once. */
import { importJWK, jwtVerify, type JWK } from 'jose';
import { json, type System } from './system.ts';
import type { Lives, TokenStore } from './token-store.ts';

const ASSERTION = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** `POST /keys?user=…` registers a public key (JWK). Lives are milliseconds. */
export function stackit(store: TokenStore, lives: Lives): System {
  const keys = new Map<string, JWK>();
  const spent = new Set<string>();

  return async ({ body, headers, method, path, query }) => {
    const user = query.get('user') ?? '';
    if (path === '/keys') {
      keys.set(user, JSON.parse(body) as JWK);
      return { status: 204 };
    }
    if (`${method} ${path}` === 'POST /token') return token(new URLSearchParams(body));
    const access = headers['authorization']?.toString().replace('Bearer ', '');
    store.note(access, 'calls');
    if (store.isLive(access)) return json(200, {});
    store.note(access, 'refusals');
    return json(401, {});
  };

  async function token(form: URLSearchParams) {
    const user = await (form.get('grant_type') === ASSERTION ? userOf(form.get('assertion') ?? '') : undefined);
    const pair = user === undefined ? store.rotate(form.get('refresh_token') ?? undefined) : store.signIn(user, lives);
    if (typeof pair === 'string') return json(400, { error: 'invalid_grant' });
    const { access, refresh } = pair;
    const expires_in = lives.access / 1_000;
    return json(200, { access_token: access, refresh_token: refresh, expires_in, token_type: 'Bearer', scope: '' });
  }

  async function userOf(assertion: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(assertion, ({ kid = '' }) => importJWK(keys.get(kid) ?? {}, 'RS512'), {
        audience: 'stackit',
        requiredClaims: ['iss', 'sub', 'jti', 'iat', 'exp'],
        algorithms: ['RS512'],
      });
      if (spent.has(payload.jti ?? '')) return undefined;
      spent.add(payload.jti ?? '');
      return payload.sub;
    } catch {
      return undefined;
    }
  }
}
