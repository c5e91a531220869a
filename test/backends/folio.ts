/** FOLIO, as a page sees it (Okapi's paths, and Eureka's): tokens in HttpOnly cookies, expirations in the answers. */
import { json, type Answer, type Call, type System } from './system.ts';
import { tokenStore, type Pair, type TokenStore } from './token-store.ts';

const ACCESS = 'folioAccessToken';
const REFRESH = 'folioRefreshToken';
const GONE = [`${ACCESS}=; Path=/; Max-Age=0`, `${REFRESH}=; Path=/authn; Max-Age=0`];

/**
 * `POST /login?user=…&access=…&refresh=…&form=okapi|eureka` signs in (lives in milliseconds), `GET /history?user=…` tells
 * what happened, `POST /revoke?user=…` ends all. `POST /trouble?user=…&kind=…` spoils the next rotation: `lost` (cookies set, answer unreadable),
 * `dropped` (taken, nothing comes back), `slow` (taken, and answered after 3 s), `unsent` (not taken), `down` (503).
 */
export function folio(store: TokenStore = tokenStore()): System {
  const troubles = new Map<string, string>();

  return (call) => {
    const { method, path, query } = call;
    const user = query.get('user') ?? '';
    const access = call.cookies.get(ACCESS);
    const refresh = call.cookies.get(REFRESH);
    switch (`${method} ${path}`) {
      case 'POST /login':
        return signIn(user, query);
      case 'GET /history':
        return json(200, store.historyOf(user));
      case 'POST /trouble':
        troubles.set(user, query.get('kind') ?? '');
        return { status: 204 };
      case 'POST /revoke':
        store.destroyAll(user);
        return { status: 204 };
      case 'POST /authn/refresh':
        return isTenant(call) ? rotate(refresh) : json(400, {});
      case 'POST /authn/logout':
        store.destroy(refresh);
        if (!store.isLive(access)) return json(422, { errors: [{ message: 'no token', code: 'x' }] });
        store.note(access, 'logouts');
        return { status: 204, cookies: GONE };
      case 'GET /bl-users/_self':
      case 'GET /users-keycloak/_self':
        return store.isLive(access) ? json(200, { user: {} }) : json(404, {});
    }
    store.note(access, 'calls');
    if (store.isLive(access) && isTenant(call)) return json(200, { cookie: access });
    store.note(access, 'refusals');
    return access === undefined
      ? { status: 400, type: 'text/plain', body: 'Token missing, access requires permission: users.read' }
      : { status: 401, type: 'text/plain', body: 'Invalid token' };
  };

  function signIn(user: string, query: URLSearchParams): Answer {
    const lives = { access: Number(query.get('access')), refresh: Number(query.get('refresh')) };
    const pair = store.signIn(user, lives);
    const told = expirationsOf(pair);
    return json(201, query.get('form') === 'eureka' ? told : { user: {}, tokenExpiration: told }, cookiesOf(pair));
  }

  function rotate(refresh: string | undefined): Answer {
    const user = refresh?.split('~')[0] ?? '';
    const trouble = troubles.get(user);
    troubles.delete(user);
    if (trouble === 'unsent') return { status: 0 };
    if (trouble === 'down') return { status: 503, type: 'text/html', body: '<h1>down' };
    const pair = store.rotate(refresh);
    if (trouble === 'dropped') return { status: 0 };
    if (pair === 'missing') return json(400, { errors: [{ message: 'no cookie' }] });
    if (pair === 'refused') return json(422, { errors: [{ message: 'refused', code: 'token.refresh.unprocessable' }] });
    if (trouble === 'lost') return { status: 201, body: '{"accessTok', cookies: cookiesOf(pair) };
    return { ...json(201, expirationsOf(pair), cookiesOf(pair)), ...(trouble === 'slow' && { after: 3_000 }) };
  }
}

function isTenant({ headers }: Call): boolean {
  return headers['x-okapi-tenant'] === 'diku';
}

function expirationsOf({ accessEndsAt, refreshEndsAt }: Pair) {
  return {
    accessTokenExpiration: new Date(accessEndsAt).toISOString(),
    refreshTokenExpiration: new Date(refreshEndsAt).toISOString(),
  };
}

function cookiesOf({ access, refresh }: Pair): string[] {
  return [
    `${ACCESS}=${access}; Path=/; HttpOnly; SameSite=Lax`,
    `${REFRESH}=${refresh}; Path=/authn; HttpOnly; SameSite=Lax`,
  ];
}
