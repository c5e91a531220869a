/** A browser's way to one of the backends, without a browser: the cookies that it sets are kept, and sent by their paths. */
import type { Network } from '../../src/core/ports.ts';
import type { System } from '../backends/system.ts';

export interface CookieSite {
  readonly network: Network;
  /** What was asked for, in order: `POST /authn/refresh`. */
  readonly asked: string[];
  /** Who is not disturbed by the test's own faults: the login. */
  readonly ask: (question: string, init?: RequestInit) => Promise<Response>;
  isOnline: boolean;
  /** What befalls a request: the backend hears of it when it is asked for its answer. Default: nothing. */
  befall: ((question: string, answer: () => Promise<Response>, request: Request) => Promise<Response>) | undefined;
  /** The cookies of an answer land, also where the page never has it. */
  readonly land: (response: Response) => Response;
  /** What the browser would send there now. */
  readonly cookiesFor: (path: string) => ReadonlyMap<string, string>;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** `origin`: where the backend is. */
export function cookieSite(system: System, origin: string): CookieSite {
  let jar: readonly Cookie[] = [];
  const coming = new WeakMap<Response, readonly string[]>();

  const cookiesFor = (path: string): ReadonlyMap<string, string> =>
    new Map(
      jar
        .filter((cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
        .map(({ name, value }) => [name, value]),
    );

  async function reach(request: Request, cookies: ReadonlyMap<string, string>): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const {
      body,
      cookies: set = [],
      status,
      type = 'application/json',
    } = await system({
      method: request.method,
      path: pathname,
      query: searchParams,
      headers: Object.fromEntries(request.headers),
      cookies: request.credentials === 'include' ? cookies : new Map(),
      body: await request.text(),
    });
    if (status === 0) throw new TypeError('The connection broke.');
    const response = new Response(status === 204 ? null : body, { status, headers: { 'content-type': type } });
    coming.set(response, set);
    return response;
  }

  function land(response: Response): Response {
    for (const line of coming.get(response) ?? []) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      const path = /; Path=([^;]*)/.exec(line)?.[1] ?? '/';
      jar = jar.filter((cookie) => cookie.name !== name || cookie.path !== path);
      if (!line.includes('Max-Age=0')) jar = [...jar, { name, value, path }];
    }
    coming.delete(response);
    return response;
  }

  async function go(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const { origin: at, pathname } = new URL(request.url);
    if (at !== origin) throw new TypeError(`Nobody answers at ${at}.`);
    const question = `${request.method} ${pathname}`;
    site.asked.push(question);
    const cookies = cookiesFor(pathname);
    const answer = () => reach(request, cookies);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return land(await Promise.race([site.befall?.(question, answer, request) ?? answer(), aborted]));
  }

  const site: CookieSite = {
    network: { fetch: go, isOnline: () => site.isOnline },
    asked: [],
    ask: async (question, init) => {
      const [method = '', path = ''] = question.split(' ');
      const request = new Request(origin + path, { method, credentials: 'include', ...init });
      return land(await reach(request, cookiesFor(path.split('?', 1)[0] ?? '')));
    },
    isOnline: true,
    befall: undefined,
    land,
    cookiesFor,
  };
  return site;
}
