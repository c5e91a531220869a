/** FOLIO, by Okapi or Eureka: tokens in HttpOnly cookies, of which the answers tell only when they expire. */
import { readRotation } from '../core/refusal.ts';
import { ownFields } from '../core/tokens.ts';
import type { RequestParts, RotationOutcome, ServerContext, TokenServer, Tokens } from '../core/types.ts';
import { readBaseUrl } from './base-url.ts';
import { answeredAt, cookieBackend, landed, readLife } from './cookie-backend.ts';
import { readServerOptions } from './server-options.ts';

/** Where FOLIO is, and whose. */
export interface FolioOptions {
  /** URL of Okapi, or of Eureka's gateway, absolute or relative to the page. https, loopback or the page's own origin. */
  readonly url: string;
  /** The tenant: `x-okapi-tenant` on every request to that URL's origin. */
  readonly tenant: string;
}

/**
 * FOLIO with rotating tokens. `start` takes the login's answer, with the expirations in `tokenExpiration` (Okapi) or at
 * its top (Eureka). After a reload nothing is to be started: the answer of `_self` tells no expirations, and the session
 * goes on from what was stored. `token()` gives an empty string.
 *
 * A second use of one refresh token would end all of the user's sessions, so that after a lost answer `_self` is asked
 * first whether the new cookies are here. The session ends 200 ms before its refresh token does.
 *
 * A sign-out with a dead access token refreshes before it logs out, unless a rotation is on its way. Cookies that land
 * after it are logged out a minute later, or at the app's next start, unless somebody has signed in.
 *
 * @example
 * const url = 'https://folio-okapi.example.edu';
 * const session = createSession({ server: folio({ url, tenant: 'diku' }), resources: [url] });
 *
 * @throws TypeError that names the option.
 */
export function folio(options: FolioOptions): TokenServer {
  const given = readServerOptions('folio', options, ['url', 'tenant']);
  const [base, tenant] = [readBaseUrl('folio', given), given.text('tenant')];
  if (!/^[\x21-\x7E]+$/.test(tenant)) throw new TypeError('folio: tenant must be visible text, for a header.');
  const { attach, call, isOwn } = cookieBackend(base, { 'x-okapi-tenant': tenant });
  const post = (context: ServerContext, path: string) =>
    call(context, base + path, { method: 'POST', headers: { 'content-type': 'application/json' } });
  /** When the access token in the cookies expires at the latest, as far as this tab has been told. */
  let knownUntil = 0;

  const read = (response: unknown, now: number, past: 0 | undefined): Tokens => {
    const own = ownFields(response);
    const field = own('tokenExpiration') === undefined ? own : ownFields(own('tokenExpiration'));
    const [life, end] = EXPIRATIONS.map((name) => {
      const date = field(name);
      if (typeof date !== 'string') throw new TypeError(`${name} must be a date.`);
      return readLife(name, date, now, past);
    });
    return { life, endsIn: end === undefined || end === 0 ? undefined : Math.max(0, end - WITH_COOKIES) };
  };

  return {
    endpoints: ENDPOINTS.map((path) => base + path),
    lostAnswer: 'probe',
    // A rotation whose answer nobody is there to read lands in the cookies all the same.
    keepalive: true,
    readTokens: (response) => {
      // Dead from the start, by our clock: the first rotation knows the server's.
      const tokens = read(response, Date.now(), 0);
      knownUntil = Date.now() + (tokens.life ?? 0) - MARGIN;
      return tokens;
    },
    rotate,
    attach,
    isRefusal: ({ request, response }) => response.status >= 400 && isOwn(request.url) && refuses(request, response),
    probe: (tokens, context) => ask(context, tokens),
    revoke,
  };

  async function rotate(_: Tokens, context: ServerContext): Promise<RotationOutcome> {
    const response = await post(context, REFRESH);
    const { status } = response;
    // 400: the cookie is not there. 422: it is not taken.
    if (status === 400 || status === 422) {
      await response.arrayBuffer(); // Unread, it would be shown as cancelled.
      return { outcome: 'rejected', status };
    }
    const now = answeredAt(response, context);
    const outcome = await readRotation(response, (body) => read(body, now, undefined), 201);
    if (outcome.outcome === 'rotated') knownUntil = Date.now() + (outcome.tokens.life ?? 0) - MARGIN;
    return outcome;
  }

  /** With a dead access token a logout is refused, so that there have to be new cookies first, if there may. */
  async function revoke(_: Tokens, context: ServerContext): Promise<void> {
    const mayLogOut = context.isSpent || knownUntil > Date.now() || (await ask(context, {})).outcome !== 'rejected';
    if (!mayLogOut) await rotate({}, context);
    const response = await post(context, LOGOUT);
    await response.arrayBuffer(); // Unread, it would be shown as cancelled.
  }

  /** Whether the cookies are good, by a call that costs little. Okapi and Eureka each know one of the two. */
  async function ask(context: ServerContext, before: Tokens): Promise<RotationOutcome> {
    for (const path of SELVES) {
      const response = await call(context, base + path);
      if (response.ok) return landed(response, before);
      if (!(await refuses({ url: base + path, method: 'GET' }, response))) return readRotation(response, () => ({}));
    }
    return { outcome: 'rejected' };
  }

  /** Whether an answer says that there is no valid token: by its status, its path and its words, which differ from module to module. */
  async function refuses({ url }: RequestParts, response: Response): Promise<boolean> {
    const isAt = (path: string) => isOwn(url, base + path);
    switch (response.status) {
      case 401:
        return true;
      case 404:
        return SELVES.some(isAt);
      case 422:
        return isAt(LOGOUT);
      case 400: {
        if (!response.headers.get('content-type')?.startsWith('text/plain')) return false;
        const text = await response.clone().text();
        return text.startsWith('Token missing, access requires permission');
      }
      default:
        return false;
    }
  }
}

const REFRESH = '/authn/refresh';
const LOGOUT = '/authn/logout';
const SELVES = ['/bl-users/_self', '/users-keycloak/_self'];
/** What signs in or out. */
const ENDPOINTS = ['/authn', '/bl-users/login', '/bl-users/login-with-expiry'];
const EXPIRATIONS = ['accessTokenExpiration', 'refreshTokenExpiration'];
/** In milliseconds: so long before its end the cookie still travels, and the sign-out with it. */
const WITH_COOKIES = 200;
/** In milliseconds: a token that close to its end may be dead on arrival. */
const MARGIN = 2_000;
