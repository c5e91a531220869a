/** A backend that keeps its tokens in cookies: which requests may carry them, and how long they live by what it tells. */
import type { Attachment, RotationOutcome, ServerContext, Tokens } from '../core/types.ts';

export interface CookieBackend {
  /** What goes onto a request: the browser adds the cookies, to this backend's origin and to no other. */
  readonly attach: (request: { readonly url: string }) => Attachment;
  /** Whether a URL, as it was written, is one of this backend, and exactly this one if one is named. */
  readonly isOwn: (url: string, exactly?: string) => boolean;
  /** Calls the backend itself, cookies and headers included. Default: GET. */
  readonly call: (context: ServerContext, url: string, how?: Sending) => Promise<Response>;
}

interface Sending {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param url Any URL of the backend. `headers` go with every request to it. */
export function cookieBackend(url: string, headers: Readonly<Record<string, string>>): CookieBackend {
  const withCookies = { headers, credentials: 'include' } as const;
  const isOwn: CookieBackend['isOwn'] = (asked, exactly) => {
    const [one, other] = [resolve(asked), resolve(exactly ?? url)];
    return one?.origin === other?.origin && (exactly === undefined || one?.pathname === other?.pathname);
  };
  return {
    attach: (request) => (isOwn(request.url) ? withCookies : { headers: {} }),
    isOwn,
    call: ({ fetch }, target, { method = 'GET', headers: more } = {}) =>
      fetch(target, { ...withCookies, method, headers: { accept: 'application/json', ...more, ...headers } }),
  };
}

/** Relative URLs belong to the page. */
function resolve(url: string): URL | undefined {
  const { document, location }: { document?: Document; location?: Location } = globalThis;
  try {
    return new URL(url, document?.baseURI ?? location?.href);
  } catch {
    return undefined;
  }
}

/** ISO 8601, or an HTTP date. `Date.parse` would find a date in almost any words. */
const DATE = /^(\d{4}-\d\d-\d\dT|(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )/;
const SECONDS = /^\d+(\.\d+)?$/;
/** The core takes no longer lives. */
const CENTURY = 36_525 * 86_400_000;

/**
 * Milliseconds of life, told in seconds or as the date of its end. `past`: what such a date means that has passed.
 * What a backend has just given cannot be dead: then it is our clock that is wrong, and the life is unknown.
 *
 * @throws TypeError that names the field.
 */
export function readLife(field: string, value: unknown, now: number, past: 0 | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && SECONDS.test(value) ? Number(value) : value;
  if (typeof seconds === 'number' && seconds >= 0) return Math.min(seconds * 1_000, CENTURY);
  const at = typeof value === 'string' && DATE.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new TypeError(`${field} must be a number of seconds or a date.`);
  return at > now ? Math.min(at - now, CENTURY) : past;
}

/** When the backend answered, by its own clock: unreadable across origins unless exposed by CORS, and then as far as it is known. */
export function answeredAt(response: Response, { now }: ServerContext): number {
  const date = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(date) ? now() : date;
}

/** The cookies are good, and how long they stay so was in the answer that got lost: as long as those before, counted from its request. */
export async function landed(response: Response, { life }: Tokens): Promise<RotationOutcome> {
  await response.arrayBuffer(); // Unread, it would be shown as cancelled.
  return { outcome: 'rotated', tokens: { life } };
}
