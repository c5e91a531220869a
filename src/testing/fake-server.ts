/** An authorization server and its API in memory, one-use refresh tokens and all, that can be told to misbehave. */
import type { Clock } from '../core/ports.ts';
import type { Undo } from '../core/types.ts';
import { answerRoute, type BrowserRoute } from './browser-route.ts';
import type { FakeBackend } from './fake-backend.ts';
import { createGrants, type Issued } from './grants.ts';
import { jwt } from './jwt.ts';
import { reads } from './settle.ts';

/** How a {@link FakeServer} answers. Durations are seconds. */
export interface FakeServerOptions {
  /** Life of access tokens in seconds. Default 300. */
  readonly life?: number;
  /**
   * Answers requests to the API whose token is good. `user`: as given to `login`. Default: 200 with `{"ok": true}`.
   * `(request) => fetch(request)` leaves them to whatever answers the test's requests otherwise, as MSW does.
   */
  readonly api?: (request: Request, user: string | undefined) => Response | Promise<Response>;
  /** Answers requests to the API that carry no token. Default: 401, as with a token that is not good. */
  readonly anonymous?: (request: Request) => Response | Promise<Response>;
  /** Its token endpoint, absolute or a path at any origin. Default `'/oauth/token'`. */
  readonly tokenEndpoint?: string;
  /** Its revocation endpoint (RFC 7009), absolute or a path at any origin. Default `'/oauth/revoke'`. */
  readonly revocationEndpoint?: string;
  /** Further members of each token response, as `{ refresh_expires_in: 1800 }`. Default: none. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** What it tells the time by. Default: real time, for the server of a real browser. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** A request to the API, as it arrived. */
export interface FakeServerCall {
  readonly url: string;
  readonly method: string;
  /** Its `Authorization` header. */
  readonly authorization: string | null;
  /** Of the answer. */
  readonly status: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * A token server (RFC 6749 section 6, RFC 7009) and the API that believes its bearer tokens. It answers whoever sends the
 * refresh token in a body, as `keycloak` and `json` do as well; not those who keep it in a cookie.
 */
export interface FakeServer extends FakeBackend {
  /** A login's token response. With a `user`, an ID token tells who it is. */
  readonly login: (user?: string) => Record<string, unknown>;
  /** Answers a request as the real one would. Rejects as fetch does while it is down. */
  readonly answer: (request: Request) => Promise<Response>;
  /**
   * Answers a request that Playwright has caught: `await context.route(/\/(api|oauth)\//, server.answerRoute)`. Bodies are
   * text; while the server is down the connection breaks.
   */
  readonly answerRoute: (route: BrowserRoute) => Promise<void>;
  /** The token expires now: the API refuses all access tokens given so far. */
  readonly expireTokens: () => void;
  /** The server ends all sessions: it knows neither their refresh tokens nor their access tokens any more. */
  readonly endSessions: () => void;
  /**
   * The server is down for so many seconds: nothing connects, or everything is answered with that status.
   * Returns what brings it back before. Default: until then, and nothing connects.
   */
  readonly goDown: (seconds?: number, status?: number) => Undo;
  /** What befalls requests at the token endpoint while it is set: `answer` is what would have come of them. */
  fault: ((answer: () => Response) => Response | Promise<Response>) | undefined;
  /** Requests to the API, in order. */
  readonly calls: readonly FakeServerCall[];
  /** Tokens that were revoked, in order. */
  readonly revoked: readonly string[];
  /** How often refresh tokens were exchanged. */
  readonly rotations: () => number;
  /** How often refresh tokens were presented that had been used before. Such a reuse ends the session. */
  readonly reuses: () => number;
}

const ISSUER = 'https://login.example.com';

/**
 * A token server and its API in memory. In a {@link World} it is there already; on its own it answers the requests of a
 * real browser, in real time.
 *
 * @example
 * const server = fakeServer({ api: () => Response.json(['an order']) });
 * await context.route(/\/(api|oauth)\//, server.answerRoute); // of Playwright
 * await context.route('**\/login', (route) => route.fulfill({ json: server.login('ada') }));
 */
export function fakeServer(options: FakeServerOptions = {}): FakeServer {
  const { anonymous = refuse, api = () => Response.json({ ok: true }), clock = Date, extra, life = 300 } = options;
  const { revocationEndpoint = '/oauth/revoke', tokenEndpoint = '/oauth/token' } = options;
  const grants = createGrants(clock.now, life * 1_000);
  const calls: FakeServerCall[] = [];
  const revoked: string[] = [];
  /** What the test's own functions threw. */
  const mistakes = new Set<unknown>();
  let outage: { readonly until: number; readonly status: number | undefined } | undefined;

  const server: FakeServer = {
    login: (user) => responseOf(grants.begin(user)),
    answer: async (request) => {
      if (outage !== undefined && clock.now() < outage.until) {
        if (outage.status === undefined) throw new TypeError('The server is down.');
        return new Response(null, { status: outage.status });
      }
      if (isAt(request.url, tokenEndpoint)) return answerToken(await tokenIn(request));
      if (isAt(request.url, revocationEndpoint)) return answerRevocation(await tokenIn(request));
      return answerApi(request);
    },
    answerRoute: (route) => answerRoute(route, server.answer, (error) => mistakes.has(error)),
    expireTokens: grants.expire,
    endSessions: grants.end,
    goDown: (seconds = Number.POSITIVE_INFINITY, status?: number) => {
      const begun = { until: clock.now() + seconds * 1_000, status };
      outage = begun;
      return () => {
        if (outage === begun) outage = undefined;
      };
    },
    fault: undefined,
    calls,
    revoked,
    rotations: grants.rotations,
    reuses: grants.reuses,
  };
  return server;

  function responseOf({ accessToken, refreshToken, user }: Issued): Record<string, unknown> {
    const issuedAt = Math.floor(clock.now() / 1_000);
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: 'Bearer',
      expires_in: life,
      ...(user === undefined ? {} : { id_token: jwt({ iss: ISSUER, sub: user, iat: issuedAt, exp: issuedAt + life }) }),
      ...extra,
    };
  }

  async function answerToken(token: string): Promise<Response> {
    const answer = (): Response => {
      const issued = grants.exchange(token);
      return issued === undefined
        ? Response.json({ error: 'invalid_grant' }, { status: 400 })
        : Response.json(responseOf(issued));
    };
    return server.fault === undefined ? answer() : server.fault(answer);
  }

  function answerRevocation(token: string): Response {
    revoked.push(token);
    grants.revoke(token);
    return new Response(null);
  }

  async function answerApi(request: Request): Promise<Response> {
    const { method, url } = request;
    const at = clock.now();
    const authorization = request.headers.get('authorization');
    const owner = grants.find(authorization?.replace(/^Bearer /i, '') ?? '');
    const note = (response: Response): Response => {
      calls.push({ url, method, authorization, status: response.status, at });
      return response;
    };
    if (owner === undefined && authorization !== null) return note(refuse());
    try {
      return note(await (owner === undefined ? anonymous(request) : api(request, owner.user)));
    } catch (error) {
      mistakes.add(error);
      throw error;
    }
  }
}

function refuse(): Response {
  return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
}

/** The token in a request's body: a form as of OAuth, or any other that holds a token of ours. */
async function tokenIn(request: Request): Promise<string> {
  const text = await reads(request.text());
  const form = new URLSearchParams(text);
  const [token = ''] = /(refresh|access)-\d+/.exec(text) ?? [];
  return form.get('token') ?? form.get('refresh_token') ?? token;
}

/** An absolute endpoint has its origin, a path has any. */
function isAt(url: string, endpoint: string): boolean {
  const { origin, pathname } = new URL(url);
  const wanted = new URL(endpoint, origin);
  return wanted.origin === origin && wanted.pathname === pathname;
}
