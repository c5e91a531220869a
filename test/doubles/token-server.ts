/** An authorization server and its API in memory, one-use refresh tokens and all, that can be told to misbehave. */
import type { ManualClock } from './manual-clock.ts';

/** What happens to the next requests at the token endpoint. */
export type Fault = (answer: () => Response) => Response | Promise<Response>;

export interface FakeServer {
  readonly fetch: typeof globalThis.fetch;
  /** A login's token response. */
  readonly login: (user?: string) => Record<string, unknown>;
  /** Applies to every request at the token endpoint while set. */
  fault: Fault | undefined;
  /** Holds the answers of the token endpoint back until resolved. */
  hold: Promise<void> | undefined;
  /** Holds requests back before the token endpoint sees them. */
  delay: Promise<void> | undefined;
  readonly rotations: () => number;
  /** Refresh tokens presented a second time. */
  readonly reuses: () => number;
  readonly revoked: string[];
  readonly calls: {
    readonly url: string;
    readonly authorization: string | null;
    readonly status: number;
    readonly at: number;
  }[];
  /** Makes the API refuse all tokens given so far. */
  readonly refuseAll: () => void;
  readonly sent: { readonly url: string; readonly init: RequestInit }[];
}

export interface FakeServerOptions {
  readonly clock: ManualClock;
  /** Seconds. */
  readonly life?: number;
  readonly extra?: Record<string, unknown>;
}

export const ORIGIN = 'https://app.example.com';
export const TOKEN_ENDPOINT = 'https://as.example.com/token';
export const REVOCATION_ENDPOINT = 'https://as.example.com/revoke';

export function fakeServer({ clock, extra = {}, life = 300 }: FakeServerOptions): FakeServer {
  let count = 0;
  let reuses = 0;
  let rotations = 0;
  let oldest = 0;
  const refresh = new Map<string, 'good' | 'used' | 'revoked'>();
  const access = new Map<string, number>();
  const server: FakeServer = {
    fetch: async (input, init = {}) => {
      const request = new Request(input instanceof Request ? input : new URL(String(input), ORIGIN), init);
      if (request.url === TOKEN_ENDPOINT) return answerToken(request, init);
      if (request.url === REVOCATION_ENDPOINT) return answerRevocation(request, init);
      return answerApi(request);
    },
    login: () => mint(),
    fault: undefined,
    hold: undefined,
    delay: undefined,
    rotations: () => rotations,
    reuses: () => reuses,
    revoked: [],
    calls: [],
    refuseAll: () => {
      oldest = count + 1;
    },
    sent: [],
  };
  return server;

  function mint(): Record<string, unknown> {
    count += 1;
    refresh.set(`refresh-${count}`, 'good');
    access.set(`access-${count}`, clock.now() + life * 1_000);
    return {
      access_token: `access-${count}`,
      refresh_token: `refresh-${count}`,
      token_type: 'Bearer',
      expires_in: life,
      ...extra,
    };
  }

  async function answerToken(request: Request, init: RequestInit): Promise<Response> {
    server.sent.push({ url: request.url, init });
    const form = new URLSearchParams(await request.text());
    if (server.delay !== undefined) await orAbort(server.delay, init.signal);
    const answer = () => exchange(form.get('refresh_token') ?? '');
    const response = server.fault === undefined ? answer() : await server.fault(answer);
    if (server.hold !== undefined) await orAbort(server.hold, init.signal);
    return response;
  }

  function exchange(token: string): Response {
    if (refresh.get(token) !== 'good') {
      if (refresh.get(token) === 'used') {
        reuses += 1;
        for (const each of refresh.keys()) refresh.set(each, 'revoked');
        access.clear();
      }
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    refresh.set(token, 'used');
    rotations += 1;
    return Response.json(mint());
  }

  async function answerRevocation(request: Request, init: RequestInit): Promise<Response> {
    server.sent.push({ url: request.url, init });
    const token = new URLSearchParams(await request.text()).get('token') ?? '';
    server.revoked.push(token);
    if (refresh.has(token)) refresh.set(token, 'revoked');
    return new Response(null);
  }

  function answerApi(request: Request): Response {
    const authorization = request.headers.get('authorization');
    const token = authorization?.replace('Bearer ', '') ?? '';
    const isGood = (access.get(token) ?? 0) > clock.now() && Number(token.split('-')[1]) >= oldest;
    const status = isGood ? 200 : 401;
    server.calls.push({ url: request.url, authorization, status, at: clock.now() });
    return status === 200
      ? Response.json({ ok: true })
      : new Response(null, { status, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
  }
}

function orAbort(promise: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
    promise.then(resolve, reject);
  });
}
