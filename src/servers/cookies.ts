/** Any backend that keeps the tokens in HttpOnly cookies, as a backend for the frontend does: script sees no token, only how long it lives. */
import { fieldsOf } from '../core/options.ts';
import { readRotation } from '../core/refusal.ts';
import { ownFields } from '../core/tokens.ts';
import type { LostAnswer, TokenServer, Tokens } from '../core/types.ts';
import { answeredAt, cookieBackend, landed, readLife } from './cookie-backend.ts';
import { readServerOptions } from './server-options.ts';

/** What the backend calls the members of its answers. Each holds seconds, or a date (ISO 8601 or as in HTTP). */
export interface CookiesFields {
  /** How long the access token lives. Default `'expires_in'`. */
  readonly expiresIn?: string;
  /** How long the session can be gone on with. Default `'refresh_expires_in'`. */
  readonly refreshExpiresIn?: string;
}

/** Where the backend is, and how it tells how long its cookies live. */
export interface CookiesOptions {
  /**
   * URL that is posted to for the next cookies, absolute or relative to the page. https, loopback or the page's own
   * origin. Requests to its origin carry cookies and `headers`, and requests to any other origin neither.
   */
  readonly refreshUrl: string;
  /** URL that is posted to at sign-out. Without one, signing out is local to the browser, and the cookies stay. */
  readonly logoutUrl?: string;
  /** URL that costs little to GET and needs the cookies: with it a lost answer is asked after before a refresh is tried again. */
  readonly probeUrl?: string;
  /** Goes with every request to the backend, against forgery: a form of another site cannot send it. Default `{ 'x-csrf': '1' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Member names of the backend, in the login's answer as well. */
  readonly fields?: CookiesFields;
  /** Name of a response header that says instead of a member how long the access token lives. Default: none. */
  readonly header?: string;
  /** Life in seconds of access tokens of which nothing is told, at most a year. Default: unknown, and refusals decide. */
  readonly defaultLife?: number;
  /** What the backend does when a refresh comes twice. Default `'probe'` with a `probeUrl`, else `{}`: ask again without limit. */
  readonly lostAnswer?: LostAnswer;
}

/**
 * A backend that answers a POST with new cookies: 200 or 201 with a JSON object, or 204. A 401, or a 4xx with
 * `{"error": "invalid_grant"}`, means that the session is over; any other 4xx means that the request was wrong. Its API
 * says with 401 that the access token is not valid.
 *
 * `start` takes the login's answer, or `{}` where that tells nothing. `token()` gives an empty string.
 *
 * @example
 * const server = cookies({ refreshUrl: '/bff/refresh', logoutUrl: '/bff/logout', defaultLife: 300 });
 *
 * @throws TypeError that names the option.
 */
export function cookies(options: CookiesOptions): TokenServer {
  const { defaultLife, endpoints, header, headers, logoutUrl, lostAnswer, names, probeUrl, refreshUrl } =
    readOptions(options);
  const { attach, call, isOwn } = cookieBackend(refreshUrl, headers);

  /** `past`: what a date means that has passed by our clock. */
  const read = (answer: unknown, told: unknown, now: number, past: 0 | undefined): Tokens => {
    const field = ownFields(answer);
    const { expiresIn, refreshExpiresIn } = names;
    return {
      life: readLife(header ?? expiresIn, told ?? field(expiresIn), now, past) ?? defaultLife,
      // 0 means no end.
      endsIn: readLife(refreshExpiresIn, field(refreshExpiresIn), now, undefined) || undefined,
    };
  };

  return {
    endpoints,
    lostAnswer,
    // A refresh whose answer nobody is there to read lands in the cookies all the same.
    keepalive: true,
    // Dead from the start: the first rotation knows the server's clock.
    readTokens: (response) => read(response, undefined, Date.now(), 0),
    rotate: async (_, context) => {
      const response = await call(context, refreshUrl, { method: 'POST' });
      const { headers, status } = response;
      const told = header === undefined ? undefined : (headers.get(header) ?? undefined);
      const now = answeredAt(response, context);
      const good = status === 201 || status === 204 ? status : 200;
      const mayBeEmpty = status === 204 || (told ?? defaultLife) !== undefined;
      return readRotation(response, (body) => read(body, told, now, undefined), good, mayBeEmpty);
    },
    attach,
    isRefusal: ({ request, response }) => response.status === 401 && isOwn(request.url),
    ...(probeUrl !== undefined && {
      probe: async (tokens, context) => {
        const response = await call(context, probeUrl);
        return response.ok ? landed(response, tokens) : readRotation(response, () => ({}));
      },
    }),
    ...(logoutUrl !== undefined && {
      revoke: async (_, context) => {
        const response = await call(context, logoutUrl, { method: 'POST' });
        await response.arrayBuffer(); // Unread, it would be shown as cancelled.
      },
    }),
  };
}

const NAMES = { expiresIn: 'expires_in', refreshExpiresIn: 'refresh_expires_in' };

function readOptions(options: unknown) {
  const { field, life, lostAnswer, optionalText, text } = readServerOptions('cookies', options, [
    'refreshUrl',
    'logoutUrl',
    'probeUrl',
    'headers',
    'fields',
    'header',
    'defaultLife',
    'lostAnswer',
  ]);
  const [refreshUrl, logoutUrl, probeUrl] = [text('refreshUrl'), optionalText('logoutUrl'), optionalText('probeUrl')];
  const rule = lostAnswer();
  return {
    refreshUrl,
    logoutUrl,
    probeUrl,
    endpoints: [refreshUrl, logoutUrl].filter((url) => url !== undefined),
    headers: readHeaders(field('headers')),
    names: readNames(field('fields')),
    header: optionalText('header'),
    defaultLife: life(),
    lostAnswer: field('lostAnswer') === undefined && probeUrl !== undefined ? 'probe' : rule,
  } as const;
}

function readNames(given: unknown): typeof NAMES {
  const field = fieldsOf(given ?? {}, 'cookies: fields', new Set(Object.keys(NAMES)));
  const name = (of: keyof typeof NAMES): string => {
    const value = field(of, NAMES[of]);
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`cookies: fields.${of} must be a string that is not empty.`);
  };
  return { expiresIn: name('expiresIn'), refreshExpiresIn: name('refreshExpiresIn') };
}

function readHeaders(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return { 'x-csrf': '1' };
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError('cookies: headers must be an object.');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\x20-\x7E]*$/.test(value))
      throw new TypeError(
        `cookies: headers must hold names of headers and visible text, as ${JSON.stringify(name)} does not.`,
      );
    headers[name] = value;
  }
  return headers;
}
