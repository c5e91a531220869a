/** A backend for the frontend: two cookies, a header against forgery, and 204 for a refresh. */
import { json, type System } from './system.ts';
import { tokenStore, type Pair, type TokenStore } from './token-store.ts';

/** `POST /login?user=…&access=…&refresh=…` signs in (lives in milliseconds), `GET /history?user=…` tells what happened. */
export function bff(store: TokenStore = tokenStore()): System {
  return ({ cookies, headers, method, path, query }) => {
    const user = query.get('user') ?? '';
    const [access, refresh] = [cookies.get('bff'), cookies.get('bff-refresh')];
    if (`${method} ${path}` === 'POST /login') {
      const pair = store.signIn(user, { access: Number(query.get('access')), refresh: Number(query.get('refresh')) });
      return json(200, {}, cookiesOf(pair));
    }
    if (`${method} ${path}` === 'GET /history') return json(200, store.historyOf(user));
    if (headers['x-csrf'] !== '1') return json(403, { error: 'forged' });
    if (`${method} ${path}` === 'POST /bff/refresh') {
      const pair = store.rotate(refresh);
      return typeof pair === 'string' ? json(401, {}) : { status: 204, cookies: cookiesOf(pair) };
    }
    if (`${method} ${path}` === 'POST /bff/logout') {
      store.destroy(refresh);
      store.note(access, 'logouts');
      return { status: 204, cookies: ['bff=; Path=/; Max-Age=0', 'bff-refresh=; Path=/bff; Max-Age=0'] };
    }
    store.note(access, 'calls');
    if (store.isLive(access)) return json(200, { cookie: access });
    store.note(access, 'refusals');
    return json(401, {});
  };
}

function cookiesOf({ access, refresh }: Pair): string[] {
  return [
    `bff=${access}; Path=/; HttpOnly; SameSite=Strict`,
    `bff-refresh=${refresh}; Path=/bff; HttpOnly; SameSite=Strict`,
  ];
}
