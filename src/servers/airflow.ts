/** Airflow's task API: no refresh token, but the next access token in a header of any answer. */
import { readRetryAfter, refusesToken } from '../core/refusal.ts';
import { expiryOf, ownFields, readTokenResponse } from '../core/tokens.ts';
import type { RotationOutcome, TokenServer, Tokens } from '../core/types.ts';
import { bearer } from './bearer.ts';
import { readServerOptions } from './server-options.ts';

/** Where the API is, and what to call to keep a token that nothing else uses. */
export interface AirflowOptions {
  /** The API's URL, absolute or relative to the page: pushed tokens are taken from its origin only. */
  readonly url: string;
  /**
   * URL of a cheap GET of that API, as its `/execution/health`; absolute, or relative to `url` where that is absolute,
   * else to the page. https, loopback or the page's own origin. It is called with the token when no other call has
   * brought the next one in time. `fetch` sends it no token, nor what lies below it: name one that the app does not call.
   */
  readonly keepAliveUrl: string;
}

/** The header of the next token. An API of another origin has to name it in `Access-Control-Expose-Headers`. */
const PUSHED = 'refreshed-api-token';

/** The server pushes the next token when a fifth of its life is left, or so many milliseconds. */
const WINDOW = 30_000;

/**
 * Airflow's task API, which pushes the next token in the header `Refreshed-API-Token` of any answer once a fifth of the
 * token's life is left, or 30 s where that is more. Of two that arrive out of order the later `exp` counts.
 *
 * A call that comes earlier brings none, and is made again in time. Where tokens live 600 s, Airflow's default, none comes
 * earlier with `schedule: { first: [0.85, 0.95], later: [0.85, 0.95] }`.
 *
 * `start` takes `{ "access_token": "…" }`, with `expires_in` where the token is not fresh. The session ends with its
 * token: one that has expired brings no other. 401, and 403 with `Invalid auth token: …` for a detail, say that the token
 * is not valid; any other 403 is a matter of rights, and no call is repeated for it.
 *
 * @example
 * const server = airflow({ url: 'https://airflow.example.com/execution/', keepAliveUrl: 'health' });
 *
 * @throws TypeError that names the option.
 */
export function airflow(options: AirflowOptions): TokenServer {
  const { keepAliveUrl, origin } = readOptions(options);

  const readTokens = (response: unknown, previous?: Tokens): Tokens => {
    const field = ownFields(response);
    const members = {
      access_token: field('access_token'),
      expires_in: field('expires_in'),
      token_type: field('token_type') ?? 'Bearer',
    };
    const tokens = readTokenResponse(members, { tokenType: 'Bearer' }, previous);
    return { ...tokens, refreshToken: undefined, endsIn: tokens.life, isFinal: false };
  };

  const adopt = (response: Response, tokens: Tokens): Tokens | undefined => {
    const pushed = response.headers.get(PUSHED);
    if (pushed === null || !isOf(response, origin)) return undefined;
    if ((expiryOf(pushed) ?? 0) <= (expiryOf(tokens.accessToken) ?? -1)) return undefined;
    try {
      return readTokens({ access_token: pushed }, tokens);
    } catch {
      return undefined; // Whatever it is, it is no token, and the answer that carries it is as good as ever.
    }
  };

  return {
    attach: bearer.attach,
    endpoints: [keepAliveUrl],
    lostAnswer: {},
    readTokens,
    adopt,
    isRefusal: ({ response }) => isRefusal(response),
    rotate: async (tokens, { fetch }) => {
      const { accessToken } = tokens;
      if (accessToken === undefined) return { outcome: 'rejected' };
      const response = await fetch(keepAliveUrl, { headers: { authorization: `Bearer ${accessToken}` } });
      const next = adopt(response, tokens);
      const outcome: RotationOutcome =
        next === undefined ? await outcomeOf(response, tokens) : { outcome: 'rotated', tokens: next };
      void response.body?.cancel().catch(() => undefined); // It may have been cut meanwhile.
      return outcome;
    },
  };
}

/** What an answer without a next token says. */
async function outcomeOf(response: Response, { life = 0 }: Tokens): Promise<RotationOutcome> {
  const { headers, status } = response;
  if (await isRefusal(response)) return { outcome: 'rejected', status };
  // Too early. Nobody returns sooner than asked, nor after twice that time: one falls well into it, whatever the clock says.
  if (response.ok) return { outcome: 'held-back', status: 200, retryAfter: Math.max(life / 5, WINDOW) / 3 };
  if (status === 408 || status === 429) return { outcome: 'held-back', status, retryAfter: readRetryAfter(headers) };
  return status >= 400 && status <= 499 ? { outcome: 'misconfigured', status } : { outcome: 'unknown', status };
}

async function isRefusal(response: Response): Promise<boolean> {
  if (response.status !== 403) return refusesToken(response, 'bearer');
  try {
    const detail = ownFields(await response.clone().json())('detail');
    return typeof detail === 'string' && detail.startsWith('Invalid auth token');
  } catch {
    return false; // No JSON: not Airflow's own words.
  }
}

/** A relative URL is the page's own: of what comes from elsewhere the browser says so. */
function isOf({ type, url }: Response, origin: string | undefined): boolean {
  if (origin === undefined) return type !== 'cors';
  return url === '' || new URL(url).origin === origin;
}

function readOptions(given: unknown) {
  const { text } = readServerOptions('airflow', given, ['url', 'keepAliveUrl']);
  const [url, keepAliveUrl] = [text('url'), text('keepAliveUrl')];
  if (!URL.canParse(url)) return { keepAliveUrl, origin: undefined };
  const { origin } = new URL(url);
  if (!URL.canParse(keepAliveUrl, url) || new URL(keepAliveUrl, url).origin !== origin) {
    throw new TypeError('airflow: keepAliveUrl must be a URL of the same origin as url.');
  }
  return { keepAliveUrl: new URL(keepAliveUrl, url).href, origin };
}
