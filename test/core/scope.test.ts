/** Which URL may see the token: the corpus of those who try to get it elsewhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../src/core/options.ts';
import { createScope } from '../../src/core/scope.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { createWorld } from '../doubles/world.ts';

const ORIGIN = 'https://app.example.com';
const page = { base: () => `${ORIGIN}/shop/`, origin: ORIGIN };
const scopeOf = (resources: string[], except: string[] = []) => createScope({ resources, except, page });

/** Whether a URL may see a token that is for `https://api.example.com`, and one for `https://api.example.com/v1/`. */
const CORPUS: readonly (readonly [url: string, origin: boolean, path: boolean])[] = [
  // What is meant.
  ['https://api.example.com/v1/', true, true],
  ['https://api.example.com/v1/orders', true, true],
  ['https://api.example.com/v1/orders?page=2#top', true, true],
  ['https://api.example.com/v1/?next=https://evil.com/', true, true],
  ['https://api.example.com/v1/#@evil.com', true, true],
  ['https://api.example.com/v1/@evil.com', true, true],
  ['https://api.example.com/v1/http://evil.com', true, true],
  // The same, written otherwise: what the URL parser brings into one form.
  ['HTTPS://API.EXAMPLE.COM/v1/', true, true],
  ['https://api.example.com:443/v1/', true, true],
  ['https://api.example.com:0443/v1/', true, true],
  ['https://api.example.com:/v1/', true, true],
  ['https:api.example.com/v1/', false, false],
  ['https:///api.example.com/v1/', true, true],
  ['https:\\\\api.example.com\\v1\\', true, true],
  ['\\\\api.example.com\\v1\\', true, true],
  ['//api.example.com/v1/', true, true],
  [' \t\nhttps://api.example.com/v1/\r\n ', true, true],
  ['https://api.exa\nmple.com/v1/', true, true],
  ['ht\ttps://api.example.com/v1/', true, true],
  ['https://%61pi.example.com/v1/', true, true],
  ['https://api。example。com/v1/', true, true],
  ['https://api．example．com/v1/', true, true],
  ['https://ａｐｉ.example.com/v1/', true, true],
  ['https://ⓐpi.example.com/v1/', true, true],
  ['https://api.exam\u00ADple.com/v1/', true, true],
  // Credentials: the host is what comes behind the @.
  ['https://api.example.com@evil.com/v1/', false, false],
  ['https://api.example.com:pw@evil.com/v1/', false, false],
  ['https://api.example.com%40evil.com/v1/', false, false],
  ['https://api.example.com%2f@evil.com/v1/', false, false],
  ['https://api.example.com\\@evil.com/v1/', true, false],
  ['https://evil.com@api.example.com/v1/', false, false],
  ['https://user:pw@api.example.com/v1/', false, false],
  ['https://:@api.example.com/v1/', true, true],
  ['//api.example.com@evil.com/v1/', false, false],
  // Other hosts that look alike.
  ['https://api.example.com.evil.com/v1/', false, false],
  ['https://api.example.com%2eevil.com/v1/', false, false],
  ['https://api.example.com%00.evil.com/v1/', false, false],
  ['https://evilapi.example.com/v1/', false, false],
  ['https://api.example.com-evil.com/v1/', false, false],
  ['https://evil.com/https://api.example.com/v1/', false, false],
  ['https://evil.com?https://api.example.com/v1/', false, false],
  ['https://evil.com#https://api.example.com/v1/', false, false],
  ['https://evil.com\\.api.example.com/v1/', false, false],
  ['https://api.example.com./v1/', false, false],
  ['https://api.example.com../v1/', false, false],
  ['https://.api.example.com/v1/', false, false],
  ['https://example.com/v1/', false, false],
  ['https://v2.api.example.com/v1/', false, false],
  ['https://аpi.example.com/v1/', false, false], // A Cyrillic а.
  ['https://xn--pi-6kc.example.com/v1/', false, false],
  ['https://api.example.ｃom.evil.com/v1/', false, false],
  ['https://api.example.com／.evil.com/v1/', false, false],
  ['https://api.example.com＠evil.com/v1/', false, false],
  ['https://api。example。com。evil。com/v1/', false, false],
  ['https://api.example.com\u200B.evil.com/v1/', false, false],
  // Other ports and schemes.
  ['https://api.example.com:8443/v1/', false, false],
  ['https://api.example.com:80/v1/', false, false],
  ['https://api.example.com:443@evil.com/v1/', false, false],
  ['http://api.example.com/v1/', false, false],
  ['http://api.example.com:443/v1/', false, false],
  ['ws://api.example.com/v1/', false, false],
  ['wss://api.example.com/v1/', false, false],
  ['ftp://api.example.com/v1/', false, false],
  ['file://api.example.com/v1/', false, false],
  ['blob:https://api.example.com/v1/', false, false],
  ['blob:https://api.example.com/0f6c0e4e-2f6c-4d4e-9d7c-0a3c8a3b9a10', false, false],
  ['filesystem:https://api.example.com/temporary/v1/', false, false],
  ['view-source:https://api.example.com/v1/', false, false],
  ['data:text/html,https://api.example.com/v1/', false, false],
  ['javascript:https://api.example.com/v1/', false, false],
  ['about:blank', false, false],
  ['chrome-extension://api.example.com/v1/', false, false],
  // Addresses.
  ['https://127.0.0.1/v1/', false, false],
  ['https://2130706433/v1/', false, false],
  ['https://0x7f.1/v1/', false, false],
  ['https://0177.0.0.1/v1/', false, false],
  ['https://[::1]/v1/', false, false],
  ['https://[::ffff:7f00:1]/v1/', false, false],
  // What a hasty look takes for a path of the page.
  ['\\\\evil.com/v1/', false, false],
  ['//evil.com/v1/', false, false],
  ['/\\evil.com/v1/', false, false],
  ['\\/evil.com/v1/', false, false],
  ['/\t/evil.com/v1/', false, false],
  ['\t//evil.com/v1/', false, false],
  ['ht\ntps://evil.com/v1/', false, false],
  ['https:\\\\evil.com/v1/', false, false],
  ['///evil.com/v1/', false, false],
  ['////evil.com/v1/', false, false],
  ['.\\\\evil.com/v1/', false, false],
  ['/v1/', false, false],
  ['v1/', false, false],
  ['', false, false],
  ['?x', false, false],
  // Not URLs at all: native fetch says so.
  ['https://', false, false],
  ['https://[', false, false],
  ['https://api.example.com:99999/v1/', false, false],
  ['https://api example.com/v1/', false, false],
  ['https://api.example.com<evil.com/v1/', false, false],
  ['https://api.example.com|evil.com/v1/', false, false],
  ['https://%/v1/', false, false],
  // Beside the path.
  ['https://api.example.com/', true, false],
  ['https://api.example.com', true, false],
  ['https://api.example.com/v1', true, false],
  ['https://api.example.com/v10/', true, false],
  ['https://api.example.com/v1;/admin', true, false],
  ['https://api.example.com/v1%2f', true, false],
  ['https://api.example.com/V1/', true, false],
  ['https://api.example.com/%761/', true, false],
  ['https://api.example.com//v1/', true, false],
  ['https://api.example.com/./v1/', true, true],
  ['https://api.example.com/v2/../v1/', true, true],
  // Out of the path and in again: plain dots are resolved by the parser, the others are not.
  ['https://api.example.com/v1/../admin', true, false],
  ['https://api.example.com/v1/..', true, false],
  ['https://api.example.com/v1/..\\admin', true, false],
  ['https://api.example.com/v1/%2e%2e/admin', true, false],
  ['https://api.example.com/v1/.%2E/admin', true, false],
  ['https://api.example.com/v1/..;/admin', true, false],
  ['https://api.example.com/v1/..;x=1/admin', true, false],
  ['https://api.example.com/v1/.;/x', true, false],
  ['https://api.example.com/v1/%2e%2e;/admin', true, false],
  ['https://api.example.com/v1/..%3b/admin', true, false],
  ['https://api.example.com/v1/..%2fadmin', true, false],
  ['https://api.example.com/v1%2f..%2fadmin', true, false],
  ['https://api.example.com/v1/..%5cadmin', true, false],
  ['https://api.example.com/v1/%2e%2e%5Cadmin', true, false],
  ['https://api.example.com/v1/x%2f..%2f..%2fadmin', true, false],
  ['https://api.example.com/v1/x/..%2f', true, false],
  ['https://api.example.com/v1/%252e%252e/admin', true, false],
  ['https://api.example.com/v1/%252e%252e%252fadmin', true, false],
  ['https://api.example.com/v1/..%252fadmin', true, false],
  ['https://api.example.com/v1/..%255cadmin', true, false],
  ['https://api.example.com/v1/%25252e%25252e/admin', true, false],
  ['https://api.example.com/v1/%25%32%65%25%32%65/admin', true, false],
  ['https://api.example.com/v1/%%32%65%%32%65/admin', true, false],
  ['https://api.example.com/v1/%252525252e%252525252e/admin', true, false],
  // Odd, and yet below.
  ['https://api.example.com/v1//orders', true, true],
  ['https://api.example.com/v1//evil.com/', true, true],
  ['https://api.example.com/v1/...', true, true],
  ['https://api.example.com/v1/..x', true, true],
  ['https://api.example.com/v1/a;b=1/c', true, true],
  ['https://api.example.com/v1/group%2Fproject', true, true],
  ['https://api.example.com/v1/100%25', true, true],
  ['https://api.example.com/v1/a%20b%C3%A9', true, true],
  ['https://api.example.com/v1/%2ehidden', true, true],
  ['https://api.example.com/v1/%', true, true],
];

describe('a token for an origin goes only there:', () => {
  const scope = scopeOf(['https://api.example.com']);
  test.each(CORPUS)('%j %s', (url, isInside) => {
    expect(scope(url)).toBe(isInside);
  });
});

describe('a token for a path goes only there and below:', () => {
  const scope = scopeOf(['https://api.example.com/v1/']);
  test.each(CORPUS.map(([url, , isInside]) => [url, isInside] as const))('%j %s', (url, isInside) => {
    expect(scope(url)).toBe(isInside);
  });
});

describe('the same on the wire:', () => {
  test.each([
    ['https://api.example.com', 1],
    ['https://api.example.com/v1/', 2],
  ] as const)('with %s, an authorization header is seen only where it may be', async (resource, column) => {
    const world = createWorld();
    const session = world.open({ resources: [resource] });
    await session.start(world.server.login());
    let sent = 0;
    for (const row of CORPUS) {
      const answer = await session.fetch(row[0]).catch((error: unknown) => error);
      if (!(answer instanceof Response)) {
        expect(row[column], row[0]).toBe(false); // No URL, or one with credentials: native fetch has refused it.
        continue;
      }
      const call = world.server.calls.at(-1);
      expect(call?.authorization, row[0]).toBe(row[column] ? 'Bearer access-1' : null);
      sent += 1;
    }
    expect(world.server.calls).toHaveLength(sent);
    expect(sent).toBeGreaterThan(100);
    for (const { authorization, url } of world.server.calls) {
      if (authorization !== null) expect(new URL(url).href.startsWith(new URL(resource).href)).toBe(true);
      expect(url).not.toContain('access-1');
    }
  });

  test('a URL object and a Request are judged like the text', async () => {
    const world = createWorld();
    const session = world.open({ resources: ['https://api.example.com/v1/'] });
    await session.start(world.server.login());
    for (const input of ['https://api.example.com/v1/a', 'https://api.example.com/v1/..%2fb', 'https://evil.com/']) {
      await session.fetch(input);
      await session.fetch(new URL(input));
      await session.fetch(new Request(input));
      await session.fetch(Reflect.apply(Object, undefined, [input]));
    }
    const seen = world.server.calls.map(({ authorization }) => authorization !== null);
    expect(seen).toEqual([true, true, true, true, ...Array.from({ length: 8 }, () => false)]);
  });
});

describe('relative to the page', () => {
  test.each<[url: string, isInside: boolean]>([
    ['/api/orders', true],
    ['/api/', true],
    ['../api/orders', true],
    ['..\\api\\orders', true],
    ['https://app.example.com/api/', true],
    ['//app.example.com/api/', true],
    ['/api', false],
    ['api/orders', false],
    ['/shop/api/', false],
    ['/API/', false],
    ['//api/', false],
    ['/\\api/', false],
    ['http://app.example.com/api/', false],
  ])('%j: %s', (url, isInside) => {
    expect(scopeOf(['/api/'])(url)).toBe(isInside);
  });

  test('a resource without a slash at its end is the thing and what lies below', () => {
    const scope = scopeOf(['/api']);
    expect(['/api', '/api?x', '/api#x', '/api/', '/api/x'].map(scope)).toEqual([true, true, true, true, true]);
    expect(['/apis', '/api2/', '/api.json', '/api;x', '/api%2fx'].map(scope)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('a resource may be a path of the page written without a slash in front', () => {
    expect(scopeOf(['api/'])('https://app.example.com/shop/api/x')).toBe(true);
    expect(scopeOf(['./'])('https://app.example.com/shop/x')).toBe(true);
    expect(scopeOf(['./'])('https://app.example.com/x')).toBe(false);
  });

  test('by default its own origin may see it, and nobody else', () => {
    const scope = createScope({
      ...readOptions({ server: oauth2({ tokenEndpoint: '/token', clientId: 'spa' }) }, ORIGIN),
      page,
    });
    expect(['/', '/any/where', 'https://app.example.com/x'].map(scope)).toEqual([true, true, true]);
    expect(['https://api.example.com/', 'https://app.example.com.evil.com/'].map(scope)).toEqual([false, false]);
  });
});

describe('a resource may be', () => {
  test.each<[claim: string, resource: string, inside: string]>([
    ['any https origin', 'https://api.example.com:8443', 'https://api.example.com:8443/x'],
    ['localhost in the clear', 'http://localhost:3000/', 'http://localhost:3000/x'],
    ['a name under localhost', 'http://api.localhost/', 'http://api.localhost/x'],
    ['127.0.0.1', 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080/x'],
    ['127.0.0.1 as one number', 'http://2130706433/', 'http://127.0.0.1/x'],
    ['127.0.0.1 in hexadecimal', 'http://0x7f.1/', 'http://127.0.0.1/x'],
    ['another address of loopback', 'http://127.1.2.3/', 'http://127.1.2.3/x'],
    ['loopback of IPv6', 'http://[::1]:3000/', 'http://[0:0:0:0:0:0:0:1]:3000/x'],
  ])('%s', (_, resource, inside) => {
    expect(scopeOf([resource])(inside)).toBe(true);
  });

  test("the page's own origin, though that be in the clear", () => {
    const intranet = { base: () => 'http://intranet/', origin: 'http://intranet' };
    const scope = createScope({ resources: ['/api/'], except: [], page: intranet });
    expect(scope('/api/x')).toBe(true);
    expect(() => createScope({ resources: ['http://other/'], except: [], page: intranet })).toThrow('resources[0]');
  });
});

describe('a resource may not be', () => {
  test.each<[claim: string, resource: string]>([
    ['another host in the clear', 'http://api.example.com/'],
    ['another host in the clear, in capitals', 'HTTP://API.example.com/'],
    ["the page's host in the clear", 'http://app.example.com/'],
    ['a name that only ends in localhost', 'http://evil-localhost/'],
    ['a name that only begins with localhost', 'http://localhost.evil.com/'],
    ['a name that only begins like loopback', 'http://127.0.0.1.evil.com/'],
    ['every address of this machine', 'http://0.0.0.0/'],
    ['loopback of IPv4 in IPv6', 'http://[::ffff:127.0.0.1]/'],
    ['a private address in the clear', 'http://192.168.0.1/'],
    ['a socket', 'wss://api.example.com/'],
    ['a blob', 'blob:https://app.example.com/0'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/plain,x'],
    ['a file', 'file:///etc/passwd'],
    ['an extension', 'chrome-extension://abc/'],
    ['one with credentials', 'https://user:secret@api.example.com/'],
    ['one with a name in front', 'https://user@api.example.com/'],
    ['one with a query', 'https://api.example.com/?a=b'],
    ['one with a fragment', 'https://api.example.com/#a'],
    ['one with encoded dots', 'https://api.example.com/v1/..%2f'],
    ['one with dots and a parameter', 'https://api.example.com/v1/..;/'],
    ['one with dots encoded twice', 'https://api.example.com/v1/%252e%252e/'],
    ['no URL', 'https://['],
    ['a pattern', 'https://*.example.com:*/'],
  ])('%s: a TypeError names it and shows no secret', (_, resource) => {
    expect(() => scopeOf(['/api/', resource])).toThrow(TypeError);
    expect(() => scopeOf(['/api/', resource])).toThrow('resources[1]');
    expect(() => scopeOf(['/api/', resource])).not.toThrow('secret');
  });
});

describe('an exception', () => {
  const scope = scopeOf(
    ['/api/', 'https://api.example.com/'],
    ['/api/login', '/api/public/', 'https://api.example.com/health'],
  );
  test.each<[url: string, isInside: boolean]>([
    ['/api/orders', true],
    ['/api/login', false],
    ['/api/login?next=/', false],
    ['/api/login#x', false],
    ['/api/login/step2', false],
    ['/api/x/../login', false],
    ['/api/./login', false],
    ['/api/%2e/login', false],
    ['/api/logins', true],
    ['/api/public/', false],
    ['/api/public/logo.png', false],
    ['/api/public', true],
    ['/api/public/../orders', true],
    ['https://app.example.com:443/api/login', false],
    ['https://api.example.com/health', false],
    ['https://api.example.com/healthy', true],
    ['https://api.example.com/', true],
  ])('%j: %s', (url, isInside) => {
    expect(scope(url)).toBe(isInside);
  });

  test('never waits and never gets a token', async () => {
    const world = createWorld();
    const session = world.open({ except: ['/api/public/'] });
    await session.start(world.server.login());
    world.server.fault = () => new Response(null, { status: 503 });
    await world.clock.advance(600);
    await session.fetch('/api/public/logo.png');
    expect(world.server.calls.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test.each(['https://[', 'javascript:alert(1)', 'https://u:secret@api.example.com/'])(
    'may not be %j: a TypeError names it',
    (url) => {
      expect(() => scopeOf(['/api/'], ['/a', url])).toThrow(TypeError);
      expect(() => scopeOf(['/api/'], ['/a', url])).toThrow('except[1]');
      expect(() => scopeOf(['/api/'], ['/a', url])).not.toThrow('secret');
    },
  );

  test('is an endpoint of the server, its query passed over', () => {
    const resources = ['https://as.example.com/'];
    const scope = createScope({
      resources,
      except: [],
      server: { endpoints: ['https://as.example.com/token?p=signin', '/revoke'] },
      page,
    });
    expect(
      ['token', 'token?p=signin', 'token?p=other', 'token/x', 'me'].map((path) => scope(resources + path)),
    ).toEqual([false, false, false, false, true]);
  });
});

/** Pieces of URLs, honest and not, to make others of. */
const PIECES = [
  'https:',
  'http:',
  'blob:',
  'wss:',
  'HTTPS:',
  'javascript:',
  '//',
  '/',
  '\\',
  '\\\\',
  '@',
  ':',
  ':443',
  ':8443',
  ':0',
  '?',
  '#',
  '&',
  '=',
  'api.example.com',
  'API.EXAMPLE.COM',
  'evil.com',
  '.evil.com',
  'app.example.com',
  'api。example。com',
  'аpi.example.com',
  '[::1]',
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  'localhost',
  'v1',
  'V1',
  'v1/',
  '/v1/',
  'admin',
  '.',
  '..',
  '../',
  '..;/',
  ';',
  ';x=1',
  '%2e',
  '%2E',
  '%2f',
  '%5c',
  '%3b',
  '%25',
  '%252e',
  '%252f',
  '%32',
  '%65',
  '%66',
  '%00',
  '%',
  '%zz',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '\u200B',
  '\u00AD',
  '。',
  '／',
  '＠',
  '％',
  'é',
  '🔑',
  '|',
  '<',
  '"',
  '^',
  '*',
  '~',
] as const;

const anyUrl = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join('')) },
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...PIECES), { maxLength: 10 })
      .map((pieces) => `https://api.example.com/v1/${pieces.join('')}`),
  },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...CORPUS.map(([url]) => url)), fc.nat(), fc.constantFrom(...PIECES))
      .map(([url, at, piece]) => {
        const cut = at % (url.length + 1);
        return url.slice(0, cut) + piece + url.slice(cut);
      }),
  },
);

/** Everything that some server might take the path for: decoded once, twice, thrice, its parameters cut off, its dots resolved. */
function readings(pathname: string): string[] {
  const all: string[] = [];
  let decoded = pathname;
  for (let times = 0; times < 8; times += 1) {
    for (const each of [decoded, decoded.replace(/;[^/\\]*/g, '')]) {
      const segments: string[] = [];
      for (const segment of each.replaceAll('\\', '/').split('/').slice(1)) {
        if (segment === '..') segments.pop();
        else if (segment !== '.') segments.push(segment);
      }
      all.push(`/${segments.join('/')}`);
    }
    decoded = decoded.replace(/%[\da-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
  }
  return all;
}

describe('whatever the string, a URL that is judged inside', () => {
  test('has exactly the origin, no credentials, and, however a server may read it, lies at or below the path', () => {
    const scope = scopeOf(['https://api.example.com/v1/']);
    let inside = 0;
    fc.assert(
      fc.property(anyUrl, (url) => {
        if (!scope(url)) return;
        inside += 1;
        const { origin, password, pathname, protocol, username } = new URL(url, page.base());
        expect([protocol, origin, username, password]).toEqual(['https:', 'https://api.example.com', '', '']);
        for (const reading of readings(pathname)) expect(`${reading}/`).toMatch(/^\/v1\//);
      }),
      { numRuns: 5_000 },
    );
    expect(inside).toBeGreaterThan(100);
  });

  test("is the page's own where the page is the resource, and never inside an exception", () => {
    const scope = scopeOf(['/'], ['/v1/']);
    fc.assert(
      fc.property(anyUrl, (url) => {
        if (!scope(url)) return;
        const { origin, pathname, protocol } = new URL(url, page.base());
        expect([protocol, origin]).toEqual(['https:', ORIGIN]);
        expect(pathname.startsWith('/v1/') && readings(pathname).every((reading) => reading.startsWith('/v1/'))).toBe(
          false,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('is judged without an error', () => {
    const scope = scopeOf(['https://api.example.com/v1/', '/api/'], ['/api/x']);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ max: 0xffff, min: 0 }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
        (url) => typeof scope(url) === 'boolean',
      ),
      { numRuns: 500 },
    );
  });
});

describe('a URL of a megabyte is judged in bounded time:', () => {
  const start = 'https://api.example.com/v1/';
  test.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['percent signs', '%'.repeat(1_000_000)],
    ['one dot, encoded as often as it goes', `%${'25'.repeat(500_000)}2e`],
    ['dots encoded as often as they go', `%${'25'.repeat(5_000)}2e/`.repeat(100)],
    ['dots', '.'.repeat(1_000_000)],
    ['semicolons', ';'.repeat(1_000_000)],
    ['slashes', '/'.repeat(1_000_000)],
    ['encoded slashes', '%2f'.repeat(300_000)],
    ['steps upward', '../'.repeat(300_000)],
  ])('%s', (_, path) => {
    const scope = scopeOf([start]);
    expect(scope(start + path)).toBe(scope(start + path));
  });
});

describe('a verdict', () => {
  test('is the same when asked again, and looks up nothing the second time', () => {
    let looks = 0;
    const parse = globalThis.URL;
    const scope = scopeOf(['https://api.example.com/v1/']);
    const first = CORPUS.map(([url]) => scope(url));
    try {
      globalThis.URL = class extends parse {
        constructor(url: string | URL, base?: string | URL) {
          looks += 1;
          super(url, base);
        }
      };
      expect(CORPUS.map(([url]) => scope(url))).toEqual(first);
    } finally {
      globalThis.URL = parse;
    }
    expect(looks).toBe(0);
  });

  test('is made anew when the base URL changes, there and back', () => {
    let base = `${ORIGIN}/shop/`;
    const scope = createScope({ resources: ['/shop/'], except: [], page: { base: () => base, origin: ORIGIN } });
    expect(scope('orders')).toBe(true);
    base = `${ORIGIN}/`;
    expect(scope('orders')).toBe(false);
    expect(scope('/shop/orders')).toBe(true);
    base = 'https://evil.com/shop/';
    expect(scope('orders')).toBe(false);
    expect(scope('/shop/orders')).toBe(false);
    base = `${ORIGIN}/shop/`;
    expect(scope('orders')).toBe(true);
  });

  test('is of the resources as they were meant when the session was made, whatever the base URL becomes', () => {
    let base = `${ORIGIN}/`;
    const scope = createScope({ resources: ['api/'], except: [], page: { base: () => base, origin: ORIGIN } });
    base = 'https://evil.com/';
    expect(scope('api/orders')).toBe(false);
    expect(scope('https://app.example.com/api/orders')).toBe(true);
  });

  test('stays right over thousands of URLs', () => {
    const scope = scopeOf(['https://api.example.com/v1/']);
    for (let round = 0; round < 3; round += 1) {
      for (let id = 0; id < 2_500; id += 1) {
        expect(scope(`https://api.example.com/v1/${id}`)).toBe(true);
        expect(scope(`https://api.example.com/v2/${id}`)).toBe(false);
        expect(scope(`https://api.example.com/v1/..%2f${id}`)).toBe(false);
      }
    }
  });

  test('is not confused by the names of object members', () => {
    const scope = scopeOf(['https://api.example.com/']);
    for (const url of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) expect(scope(url)).toBe(false);
  });
});

test('of several resources each counts, and none of them widens another', () => {
  const scope = scopeOf(['https://a.example.com/x/', 'https://b.example.com/y/', 'http://localhost:3000']);
  expect(scope('https://a.example.com/x/1')).toBe(true);
  expect(scope('https://b.example.com/y/1')).toBe(true);
  expect(scope('http://localhost:3000/z')).toBe(true);
  expect(scope('https://a.example.com/y/1')).toBe(false);
  expect(scope('https://b.example.com/x/1')).toBe(false);
  expect(scope('http://localhost:3001/z')).toBe(false);
});

test('without resources nobody sees the token', () => {
  const scope = scopeOf([]);
  for (const url of ['/', '/api/', ORIGIN, 'https://api.example.com/']) expect(scope(url)).toBe(false);
});
