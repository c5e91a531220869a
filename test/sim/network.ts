/** The network between the pages and the servers: everything takes time, gets lost on either way, or comes back as something else. */
import type { AuthorizationServer, RefreshToken } from './authorization-server.ts';
import { createAnswer } from './answer.ts';
import type { Faults } from './faults.ts';
import { createFlights, type Flight } from './flight.ts';
import type { Jar } from './jar.ts';
import { readHeaders } from './headers.ts';
import type { Ledger } from './ledger.ts';
import type { Manners } from './manners.ts';
import type { Outcome, Presentation } from './presentation.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Referee } from './referee.ts';
import type { Timeline } from './timeline.ts';
import type { Call, Traffic } from './traffic.ts';
import { LOGOUT, ORIGIN, OUTSIDE, PROBE, RESOURCE, REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from './places.ts';
import { drawLatency, drawWeather, UNAVAILABLE, type Weather } from './weather.ts';

export interface Internet {
  readonly open: (page: Page) => typeof globalThis.fetch;
  readonly isOnline: () => boolean;
  readonly goOffline: () => void;
  readonly goOnline: () => void;
  /** How many requests went to the API. */
  readonly sends: () => number;
  /** Refresh tokens for which a revocation was sent. */
  readonly revoked: () => ReadonlySet<string>;
}

export interface NetworkOptions {
  readonly timeline: Timeline;
  readonly machine: Machine;
  readonly random: Random;
  readonly faults: Faults;
  readonly referee: Referee;
  readonly server: AuthorizationServer;
  readonly ledger: Ledger;
  readonly manners: Manners;
  readonly traffic: Traffic;
  /** Whether the server's clock can be read. */
  readonly hasDate: boolean;
  /** Where tokens are cookies. */
  readonly jar: Jar | undefined;
  /** Whether a probe tells of what has landed, and that is what the next rotation presents. */
  readonly hasProbe: boolean;
}

const OK = createAnswer(200);
const UNAUTHORIZED = createAnswer(401, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
const NEVER = new Promise<never>(() => undefined);

export function createNetwork(options: NetworkOptions): Internet {
  const { faults, hasDate, hasProbe, jar, ledger, machine, manners, random, referee, server, timeline, traffic } =
    options;
  const revoked = new Set<string>();
  let isOnline = true;
  let sends = 0;

  const { arrives, lands, returns, travel } = createFlights({ machine, random, isOnline: () => isOnline });
  const latency = () => drawLatency(random, faults);
  const newest = ({ grant }: RefreshToken) => (hasProbe ? jar?.newest(grant) : undefined);
  const setOnline = (isNow: boolean) => {
    isOnline = isNow;
    manners.setOnline(isNow);
  };

  function send(page: Page, url: string, init: RequestInit | undefined): Promise<Response> {
    if (page.isGone()) return NEVER;
    if (url.includes('secret')) referee.fail(9, 'a token stands in a URL');
    const path = url.startsWith(ORIGIN) ? url.slice(ORIGIN.length) : url;
    if (OUTSIDE.some((outside) => url.startsWith(outside))) return toOutside(init);
    if (path.startsWith(RESOURCE)) return toResource(page, Number(path.slice(RESOURCE.length)), init);
    if (!page.call('request')) return NEVER;
    const body = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams();
    if (url === TOKEN_ENDPOINT) return toTokenEndpoint(page, body.get('refresh_token') ?? '', init);
    if (url === REVOCATION_ENDPOINT) return toRevocation(page, body.get('token') ?? '', init);
    if (url === PROBE) return toProbe(page, body.get('token') ?? '', init);
    if (url === LOGOUT) return toLogout(page, init);
    referee.fail(9, 'a request went to an unknown place', url);
    return NEVER;
  }

  function toTokenEndpoint(page: Page, value: string, init: RequestInit | undefined): Promise<Response> {
    const named = server.refreshToken(value);
    const token = (named && newest(named)?.refreshToken) ?? named;
    if (token === undefined) {
      referee.fail(1, 'an unknown refresh token was presented');
      return NEVER;
    }
    manners.present(page, token);
    const presentation = ledger.present(page, token);
    referee.trace(page.id, 'presents', token.value);
    const outcome: { is: Outcome } = { is: 'unknown' };
    const onEnd = (answer: Response | undefined): void => {
      manners.hear(page, token, answer);
      ledger.end(presentation, answer === undefined ? 'unknown' : outcome.is);
      referee.trace(page.id, `is told ${token.value}:`, answer === undefined ? 'nothing' : outcome.is);
    };
    return travel(
      page,
      init,
      'answer',
      (flight) => {
        const weather = drawWeather(random, faults);
        if (!isOnline) return void timeline.after(1, () => flight.settle(undefined));
        timeline.after(weather.up, () => reach(flight, presentation, weather, outcome));
      },
      onEnd,
    );
  }

  function reach(flight: Flight, presentation: Presentation, weather: Weather, outcome: { is: Outcome }): void {
    const { token } = presentation;
    let answer: () => Response | undefined = () => undefined;
    if (weather.arrives && arrives(flight)) {
      const given = server.exchange(token.value);
      if (given.accessToken !== undefined) presentation.isConsumed = true;
      else if (token.grant.end === 'reused') ledger.blame(presentation);
      presentation.won = given.accessToken;
      referee.trace(0, `answers ${token.value}:`, given.status);
      const date = hasDate ? { date: new Date(timeline.now()).toUTCString() } : {};
      const text = JSON.stringify(given.body);
      answer = () => {
        if (given.accessToken && lands(flight)) jar?.set(given.accessToken);
        return createAnswer(given.status, {
          headers: date,
          text,
          isCut: weather.isCut === true && given.status === 200,
        });
      };
      outcome.is = given.status !== 200 ? 'rejected' : weather.isCut ? 'unknown' : 'rotated';
    }
    if (weather.instead !== undefined) {
      answer = weather.instead;
      outcome.is = weather.outcome ?? 'unknown';
    }
    if (weather.returns === 'silence') return;
    timeline.after(weather.down, () => returns(flight, weather.returns === 'error' ? () => undefined : answer));
  }

  function toRevocation(page: Page, value: string, init: RequestInit | undefined): Promise<Response> {
    revoked.add(value);
    referee.trace(page.id, 'revokes', value);
    return travel(page, init, 'answer', (flight) =>
      timeline.after(latency(), () => {
        if (!arrives(flight)) return flight.settle(undefined);
        server.revoke(value);
        timeline.after(latency(), () => returns(flight, () => OK));
      }),
    );
  }

  function toLogout(page: Page, init: RequestInit | undefined): Promise<Response> {
    const cookie = jar?.take(page);
    referee.trace(page.id, 'logs out', cookie?.refreshToken.value);
    return travel(page, init, 'answer', (flight) =>
      timeline.after(latency(), () => {
        if (!arrives(flight)) return flight.settle(undefined);
        jar?.destroy(cookie);
        timeline.after(latency(), () => returns(flight, () => OK));
      }),
    );
  }

  function toProbe(page: Page, value: string, init: RequestInit | undefined): Promise<Response> {
    manners.probe();
    const before = server.refreshToken(value);
    const token = before && newest(before);
    return travel(page, init, 'answer', (flight) =>
      timeline.after(latency(), () => {
        if (token === undefined || !server.accepts(token)) return flight.settle(UNAUTHORIZED);
        referee.trace(page.id, 'hears of', token.refreshToken.value);
        ledger.find(token);
        const text = JSON.stringify({ access_token: token.value, refresh_token: token.refreshToken.value });
        timeline.after(latency(), () => returns(flight, () => createAnswer(200, { text })));
      }),
    );
  }

  async function toOutside(init: RequestInit | undefined): Promise<Response> {
    if (new Headers(init?.headers).has('authorization')) referee.fail(9, 'a token went to what is no resource');
    return OK;
  }

  function toResource(page: Page, id: number, init: RequestInit | undefined): Promise<Response> {
    const call = traffic.find(id);
    if (call === undefined) {
      referee.fail(3, 'a request went out after it had settled', `call ${id}`);
      return NEVER;
    }
    const headers = readHeaders(init?.headers);
    const isWhole = headers.get('x-order') === String(id) && init?.body === `order ${id}` && init.method === 'POST';
    if (call.isOrder && !isWhole) referee.fail(11, "the caller's request was altered", `call ${id}`);
    const bearer = headers.get('authorization');
    const token = bearer === null ? undefined : server.accessToken(bearer.slice('Bearer '.length));
    if (bearer !== null && token === undefined) referee.fail(9, 'an unknown access token was sent');
    const name = token === undefined ? 'nothing' : `token ${token.grant.id}/${token.refreshToken.value}`;
    referee.trace(page.id, `sends call ${id} with`, name);
    sends += 1;
    traffic.send(call, token);
    return travel(
      page,
      init,
      'answer of the API',
      (flight) => {
        const isFailing = !isOnline || faults.strikes('request lost');
        const isSlow = faults.strikes('network slow');
        timeline.after(isSlow ? random.between(100, 20_000) : random.between(20, 100), () =>
          returns(flight, () => (isFailing ? undefined : judge(call))),
        );
      },
      (answer) => {
        referee.trace(page.id, `is told call ${id}:`, answer?.status);
        traffic.receive(call, answer?.status);
      },
    );

    function judge({ page }: Call): Response {
      if (faults.strikes('server error')) return UNAVAILABLE;
      if (token === undefined) return OK;
      if (!server.accepts(token) || (!page.isGone() && faults.strikes('token refused'))) return UNAUTHORIZED;
      return OK;
    }
  }

  return {
    open: (page) => (input, init) => send(page, input instanceof Request ? input.url : String(input), init),
    isOnline: () => isOnline,
    goOffline: () => setOnline(false),
    goOnline: () => setOnline(true),
    sends: () => sends,
    revoked: () => revoked,
  };
}
