/** Which URL may see the token: exact origin, path at or below, over https, loopback or the page's own origin. */
import type { TokenServer } from './types.ts';

export interface ScopeOptions {
  readonly resources: readonly string[];
  readonly except: readonly string[];
  /** Its own endpoints get no token either, and what is sent to them has to be as safe as a token. */
  readonly server?: Pick<TokenServer, 'endpoints'>;
  /** `origin`: nothing where it is not known, as on a server. Then no URL is refused for the page that asks. */
  readonly page: { readonly base: () => string; readonly origin: string | undefined };
}

/** Whether a request to this URL, as the caller wrote it, may carry the token. */
export type Scope = (url: string) => boolean;

/** As many verdicts are remembered before all are forgotten. */
const MEMORY = 1_000;
/** A `data:` URL may be megabytes long. */
const LONGEST = 2_048;

/** Host names that stay on this machine. `URL` has already brought every way to write an address into one form. */
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Parsing a URL costs more than all else in a request, so verdicts are remembered by the string. A relative
 * one means something else under another base URL, and a server may come to know more endpoints: then all are forgotten.
 */
export function createScope({ except, page, resources, server }: ScopeOptions): Scope {
  const base = page.base();
  const areas = (option: string, urls: readonly string[], rules: Rules) =>
    urls.map((url, index) => areaOf(url, base, `${option}[${index}]`, rules));
  const inside = areas('resources', resources, { safeFrom: page.origin });
  const outside = (endpoints: readonly string[] | undefined) => ({
    endpoints,
    areas: [
      ...areas('except', except, {}),
      ...areas('server.endpoints', endpoints ?? [], { safeFrom: page.origin, mayHoldQuery: true }),
    ],
  });
  let outer = outside(server?.endpoints);
  const verdicts = new Map<string, boolean>();
  let judgedUnder = base;

  return (url) => {
    const under = page.base();
    if (under !== judgedUnder || outer.endpoints !== server?.endpoints) {
      verdicts.clear();
      judgedUnder = under;
      outer = outside(server?.endpoints);
    }
    const known = verdicts.get(url);
    if (known !== undefined) return known;
    const verdict = judge(url, under);
    if (verdicts.size >= MEMORY) verdicts.clear();
    if (url.length <= LONGEST) verdicts.set(url, verdict);
    return verdict;
  };

  function judge(url: string, under: string): boolean {
    const target = parse(url, under);
    if (target === undefined || target.username !== '' || target.password !== '') return false;
    return inside.some((area) => covers(area, target)) && !outer.areas.some((area) => mayReach(area, target));
  }
}

interface Area {
  readonly origin: string;
  readonly path: string;
}

/** Whether the target is surely at or below. */
function covers(area: Area, target: URL): boolean {
  return isSameOrigin(area, target) && (area.path === '/' || (isBelow(area, target) && !climbs(target.pathname)));
}

/** Whether a server might take the target for one at or below. */
function mayReach(area: Area, target: URL): boolean {
  return isSameOrigin(area, target) && (isBelow(area, target) || climbs(target.pathname));
}

/** The protocol is compared with the origin's own, since a `blob:` URL claims the origin of its maker. */
function isSameOrigin({ origin }: Area, target: URL): boolean {
  return target.origin === origin && origin.startsWith(`${target.protocol}//`);
}

/** `path` ends in a slash when only what lies below is meant. */
function isBelow({ path }: Area, { pathname }: URL): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/**
 * Whether a server might read its way out of the path: `..` behind an encoded slash or backslash, encoded
 * dots, or `..;` (a path parameter, which some servers cut off first). `URL` has resolved the plain ones.
 */
function climbs(pathname: string): boolean {
  if (!/%|;/.test(pathname)) return false;
  let decoded = pathname;
  for (let round = 0; round < DECODINGS; round += 1) {
    const before = decoded;
    decoded = before.replace(/%[0-7][\da-f]/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
    if (decoded === before) return decoded.split(/[/\\]/).some((segment) => /^\.{1,2}(;|$)/.test(segment));
  }
  return true; // Nobody honest encodes a path that often, and there has to be an end.
}

/** A path that still holds something encoded after so many decodings is not looked into any further. */
const DECODINGS = 4;

interface Rules {
  /** The page's origin, where what is sent must not cross the network in the clear. */
  readonly safeFrom?: string | undefined;
  /** RFC 6749 section 3.2 lets an endpoint have one. */
  readonly mayHoldQuery?: boolean;
}

/** Whether tokens may be sent there, whatever page it is: https or loopback. @throws TypeError that names the option. */
export function checkEndpoint(option: string, url: string, mayHoldQuery = true): void {
  areaOf(url, url, option, { safeFrom: '', mayHoldQuery });
}

function areaOf(url: string, base: string, option: string, { mayHoldQuery = false, safeFrom }: Rules): Area {
  const target = parse(url, base);
  if (target === undefined) throw new TypeError(`${option} is not a URL.`);
  const { hash, hostname, origin, pathname, protocol, search, password, username } = target;
  // A <base> that somebody put into the page would choose who gets the token.
  if (safeFrom !== undefined && origin !== safeFrom && parse(url) === undefined) {
    throw new TypeError(`${option} is relative, and the page's base URL is another origin's: write it in full.`);
  }
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`${option} must be an https URL.`);
  if (username !== '' || password !== '') throw new TypeError(`${option} must not hold credentials.`);
  if (hash !== '') throw new TypeError(`${option} must not have a fragment.`);
  if (search !== '' && !mayHoldQuery) throw new TypeError(`${option} must not have a query.`);
  if (climbs(pathname)) throw new TypeError(`${option} must not hold encoded dots, slashes or backslashes.`);
  if (safeFrom !== undefined && protocol === 'http:' && origin !== safeFrom && !LOOPBACK.test(hostname)) {
    throw new TypeError(`${option} must be an https URL: a token never crosses the network in the clear.`);
  }
  return { origin, path: pathname };
}

function parse(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined; // Native fetch says what is wrong with it.
  }
}
