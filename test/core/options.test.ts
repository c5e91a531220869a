/** What an app may ask for, what it gets when it asks for nothing, and what it is told when it asks for nonsense. */
import { describe, expect, test } from 'vitest';
import { readLostAnswer, readOptions } from '../../src/core/options.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { CANARY } from '../doubles/answers.ts';
import { createWorld } from '../doubles/world.ts';

const ORIGIN = 'https://app.example.com';
const server = oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' });
const read = (options: Record<string, unknown> = {}) => readOptions({ server, ...options }, ORIGIN);

/** Everything that no option takes. */
const NONSENSE: readonly (readonly [kind: string, value: unknown])[] = [
  ['null', null],
  ['true', true],
  ['a symbol', Symbol('x')],
  ['a bigint', 1n],
  ['NaN', Number.NaN],
  ['minus infinity', Number.NEGATIVE_INFINITY],
];
const STRINGS: typeof NONSENSE = [
  ['the empty string', ''],
  ['a string', `!${CANARY} `],
];
const NUMBERS: typeof NONSENSE = [
  ['0', 0],
  ['a number', 1.5],
  ['a negative number', -1],
  ['infinity', Number.POSITIVE_INFINITY],
];
const OBJECTS: typeof NONSENSE = [
  ['an object', { a: 1 }],
  ['an array', [1]],
  ['an empty array', []],
  ['a Map', new Map()],
  ['a Date', new Date(0)],
  ['a function', () => 1],
];

function refused(name: string, ...kinds: (typeof NONSENSE)[]): [name: string, kind: string, value: unknown][] {
  return [NONSENSE, ...kinds].flat().map(([kind, value]) => [name, kind, value]);
}

const WRONG = [
  ...refused('server', STRINGS, NUMBERS, OBJECTS),
  ...refused('resources', STRINGS, NUMBERS).filter(([, kind]) => kind !== 'an empty array'),
  ...refused('except', STRINGS, NUMBERS),
  ...refused('name', STRINGS, NUMBERS, OBJECTS),
  ...refused('storage', STRINGS, NUMBERS, OBJECTS),
  ...refused('leeway', STRINGS, OBJECTS),
  ...refused('keepAlive', STRINGS, NUMBERS, OBJECTS),
  ...refused('patience', STRINGS, OBJECTS),
  ...refused('signedOut', STRINGS, NUMBERS, OBJECTS),
  ...refused('logger', STRINGS, NUMBERS).filter(([, kind]) => kind !== 'a function'),
  ...refused('schedule', STRINGS, NUMBERS).filter(([, kind]) => kind !== 'a function'),
  ...refused('queue', STRINGS, NUMBERS),
];

describe('an option of the wrong type is a TypeError that names it, and shows no text', () => {
  test.each(WRONG)('%s: %s', (name, _, value) => {
    let failure: unknown;
    try {
      read({ [name]: value });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure).toHaveProperty('message', expect.stringMatching(new RegExp(`^${name} `)));
    expect(String(failure)).not.toContain(CANARY);
  });

  test.each<[name: string, options: Record<string, unknown>]>([
    ['resources[0]', { resources: [7] }],
    ['resources[1]', { resources: ['/api/', null] }],
    ['resources[0]', { resources: [new URL('https://api.example.com/')] }],
    ['except[2]', { except: ['/a', '/b', {}] }],
    ['resources', { resources: new Set(['/api/']) }],
    ['name', { name: 'a b' }],
    ['name', { name: 'x'.repeat(65) }],
    ['name', { name: 'ключ' }],
    ['name', { name: 'a/b' }],
    ['storage', { storage: 'localStorage' }],
    ['storage', { storage: 'IndexedDB' }],
    ['keepAlive', { keepAlive: 'never' }],
    ['signedOut', { signedOut: 'anonymously' }],
    ['leeway', { leeway: -1 }],
    ['leeway', { leeway: '30' }],
    ['patience', { patience: -1 }],
    ['patience', { patience: '1' }],
    ['queue.limit', { queue: { limit: 0 } }],
    ['queue.limit', { queue: { limit: 1.5 } }],
    ['queue.limit', { queue: { limit: '10' } }],
    ['queue.limit', { queue: { limit: null } }],
    ['queue.limit', { queue: { limit: Number.POSITIVE_INFINITY } }],
    ['queue.timeout', { queue: { timeout: -1 } }],
    ['queue.timeout', { queue: { timeout: null } }],
    ['queue.timeout', { queue: { timeout: Number.POSITIVE_INFINITY } }],
    ['schedule.first', { schedule: { first: 0.5 } }],
    ['schedule.first', { schedule: { first: null } }],
    ['schedule.first', { schedule: { first: [0.5] } }],
    ['schedule.first', { schedule: { first: [0.5, 0.6, 0.7] } }],
    ['schedule.first', { schedule: { first: [0, 0.5] } }],
    ['schedule.first', { schedule: { first: [0.9, 0.3] } }],
    ['schedule.later', { schedule: { later: [0.5, 1.1] } }],
    ['schedule.later', { schedule: { later: ['0.5', '0.9'] } }],
    ['schedule.later', { schedule: { later: [Number.NaN, 0.9] } }],
    ['schedule.later', { schedule: { later: [30, 90] } }],
    ['server', { server: { ...server, rotate: undefined } }],
    ['server', { server: { ...server, attach: 'authorization' } }],
    ['server', { server: { ...server, endpoints: undefined } }],
    ['server', { server: { ...server, prepare: 7 } }],
    ['server', { server: { ...server, revoke: {} } }],
    ['server.endpoints', { server: { ...server, endpoints: '/token' } }],
    ['server.endpoints[0]', { server: { ...server, endpoints: [7] } }],
    ['lostAnswer', { server: { ...server, lostAnswer: 'resend' } }],
    ['lostAnswer.resends', { server: { ...server, lostAnswer: { resends: -1 } } }],
  ])('%s in %j', (name, options) => {
    expect(() => read(options)).toThrow(TypeError);
    expect(() => read(options)).toThrow(new RegExp(`^${name.replace(/[[\].]/g, '\\$&')} `));
  });

  test.each<[kind: string, options: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'holdfast'],
    ['an array', [{ server }]],
    ['a function', () => ({ server })],
  ])('options that are %s are none', (_, options) => {
    expect(() => readOptions(options, ORIGIN)).toThrow(/^The options cannot be .*: it must be an object/);
  });

  test('a message says what is allowed', () => {
    expect(() => read({ storage: 'disk' })).toThrow("storage cannot be this string: it must be 'indexeddb', 'memory'.");
    expect(() => read({ leeway: Number.NaN })).toThrow(
      'leeway cannot be the number NaN: it must be a number of seconds, 0 or more.',
    );
    expect(() => read({ resources: null })).toThrow('resources cannot be null: it must be an array of URLs.');
    expect(() => read({ queue: [] })).toThrow('queue cannot be an array: it must be an object.');
  });
});

describe('an option that nobody knows is a TypeError that names it', () => {
  test.each([
    ['resource', { resource: ['/api/'] }],
    ['Server', { Server: server }],
    ['audience', { audience: undefined }],
    ['timeout', { queue: { limit: 1, timeOut: 7 } }],
    ['max', { queue: { max: 7 } }],
    ['next', { schedule: { next: [0.1, 0.2] } }],
  ])('%s', (name, options) => {
    expect(() => read(options)).toThrow(TypeError);
    expect(() => read(options)).toThrow(new RegExp(`"${name}"`, 'i'));
  });

  test('one in a `__proto__` member, as JSON may have it', () => {
    expect(() =>
      readOptions(Object.assign(JSON.parse('{"__proto__":{"storage":"memory"}}'), { server }), ORIGIN),
    ).toThrow('"__proto__"');
  });

  test.each(['idle', 'maxAge', 'workerUrl'])('%s is refused by name: it is not available yet', (name) => {
    for (const value of [1, '/worker.js', undefined]) {
      expect(() => read({ [name]: value })).toThrow(new TypeError(`The option ${name} is not available yet.`));
    }
  });
});

describe('milliseconds mistaken for seconds are refused:', () => {
  test.each<[name: string, options: Record<string, unknown>]>([
    ['leeway', { leeway: 30_000 }],
    ['leeway', { leeway: 3_601 }],
    ['leeway', { leeway: Number.POSITIVE_INFINITY }],
    ['patience', { patience: 1_000 }],
    ['patience', { patience: 301 }],
    ['queue.timeout', { queue: { timeout: 60_000 } }],
    ['queue.timeout', { queue: { timeout: 3_601 } }],
  ])('%s in %j', (name, options) => {
    expect(() => read(options)).toThrow(TypeError);
    expect(() => read(options)).toThrow(new RegExp(`^${name}.*seconds.*milliseconds`));
  });
});

describe('an option that is not given', () => {
  test('has its documented default', () => {
    expect(read()).toEqual({
      server,
      resources: [ORIGIN],
      except: [],
      name: 'holdfast',
      storage: 'indexeddb',
      leeway: undefined,
      schedule: { first: [0.3, 0.9], later: [0.75, 0.9] },
      keepAlive: 'always',
      patience: 1_000,
      queue: { limit: 10_000, timeout: 60_000 },
      signedOut: 'anonymous',
      logger: undefined,
    });
  });

  test('may as well be given as undefined', () => {
    const names = [
      'resources',
      'except',
      'name',
      'storage',
      'leeway',
      'schedule',
      'keepAlive',
      'patience',
      'queue',
      'signedOut',
      'logger',
    ];
    expect(read(Object.fromEntries(names.map((name) => [name, undefined])))).toEqual(read());
    expect(read({ queue: { limit: undefined, timeout: undefined }, schedule: { first: undefined } })).toEqual(read());
  });

  test('leaves the others of its group as they are', () => {
    expect(read({ queue: { limit: 5 } }).queue).toEqual({ limit: 5, timeout: 60_000 });
    expect(read({ schedule: { later: [0.5, 0.5] } }).schedule).toEqual({ first: [0.3, 0.9], later: [0.5, 0.5] });
  });
});

describe('an option that is given', () => {
  test('is taken, seconds as milliseconds', () => {
    const logger = () => undefined;
    expect(
      read({
        resources: ['/api/', 'https://api.example.com/'],
        except: ['/api/login'],
        name: 'shop.admin:1_a-b',
        storage: 'memory',
        leeway: 0,
        schedule: { first: [0.1, 1], later: [0.5, 0.5] },
        keepAlive: 'demand',
        patience: 0.25,
        queue: { limit: 1, timeout: 3_600 },
        signedOut: 'reject',
        logger,
      }),
    ).toEqual({
      server,
      resources: ['/api/', 'https://api.example.com/'],
      except: ['/api/login'],
      name: 'shop.admin:1_a-b',
      storage: 'memory',
      leeway: 0,
      schedule: { first: [0.1, 1], later: [0.5, 0.5] },
      keepAlive: 'demand',
      patience: 250,
      queue: { limit: 1, timeout: 3_600_000 },
      signedOut: 'reject',
      logger,
    });
  });

  test.each([
    ['always', 'keepAlive'],
    ['visible', 'keepAlive'],
    ['active', 'keepAlive'],
    ['demand', 'keepAlive'],
    ['indexeddb', 'storage'],
    ['memory', 'storage'],
    ['anonymous', 'signedOut'],
    ['reject', 'signedOut'],
  ])('may be %j for %s', (value, name) => {
    expect(read({ [name]: value })).toHaveProperty(name, value);
  });

  test('may be without end: patience', () => {
    expect(read({ patience: Number.POSITIVE_INFINITY }).patience).toBe(Number.POSITIVE_INFINITY);
    expect(read({ patience: 0 }).patience).toBe(0);
  });

  test("is not changed by what becomes of the app's object", () => {
    const resources = ['/api/'];
    const options = read({ resources });
    resources.push('https://evil.com/');
    expect(options.resources).toEqual(['/api/']);
  });

  test('may come from a frozen object, one without a prototype, and one whose members are computed', () => {
    expect(readOptions(Object.freeze({ server, name: 'a' }), ORIGIN).name).toBe('a');
    expect(readOptions(Object.assign(Object.create(null), { server, name: 'a' }), ORIGIN).name).toBe('a');
    const computed = Object.defineProperty({ server }, 'name', { get: () => 'a', enumerable: true });
    expect(readOptions(computed, ORIGIN).name).toBe('a');
  });

  test('may be a server that is an instance of a class', () => {
    const given: unknown = Object.create(server);
    expect(read({ server: given }).server).toBe(given);
  });
});

test('a polluted Object.prototype sets no option', () => {
  const polluted = {
    resources: ['https://evil.com/'],
    except: ['/'],
    name: 'evil',
    storage: 'memory',
    leeway: 7,
    schedule: { first: [0.1, 0.1] },
    first: [0.1, 0.1],
    later: [0.1, 0.1],
    keepAlive: 'demand',
    patience: 7,
    queue: { limit: 7 },
    limit: 7,
    timeout: 7,
    signedOut: 'reject',
    logger: () => undefined,
    idle: 7,
    resends: 7,
    within: 7,
  };
  const expected = read();
  try {
    for (const [name, value] of Object.entries(polluted))
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
    expect(read()).toEqual(expected);
    expect(read({ queue: {}, schedule: {} })).toEqual(expected);
    expect(readLostAnswer({})).toEqual({ resends: undefined, within: undefined });
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
});

describe('lostAnswer', () => {
  test.each<[given: unknown, read: unknown]>([
    [undefined, {}],
    ['probe', 'probe'],
    ['end', 'end'],
    [{}, {}],
    [{ resends: 0 }, { resends: 0 }],
    [
      { resends: 3, within: 60 },
      { resends: 3, within: 60 },
    ],
    [{ within: 0.5 }, { within: 0.5 }],
    [{ resends: Number.POSITIVE_INFINITY }, {}],
  ])('%j is %j, its time in seconds as documented', (given, expected) => {
    expect(readLostAnswer(given)).toEqual(expected);
  });

  test.each<[name: string, given: unknown]>([
    ['lostAnswer', null],
    ['lostAnswer', 7],
    ['lostAnswer', true],
    ['lostAnswer', 'Probe'],
    ['lostAnswer', ['probe']],
    ['lostAnswer', () => 'probe'],
    ['lostAnswer.resends', { resends: '1' }],
    ['lostAnswer.resends', { resends: 1.5 }],
    ['lostAnswer.resends', { resends: Number.NaN }],
    ['lostAnswer.resends', { resends: null }],
    ['lostAnswer.within', { within: '60' }],
    ['lostAnswer.within', { within: -1 }],
    ['lostAnswer.within', { within: null }],
    ['"count"', { count: 1 }],
  ])('%s is refused by name in %j', (name, given) => {
    expect(() => readLostAnswer(given)).toThrow(TypeError);
    expect(() => readLostAnswer(given)).toThrow(name);
  });
});

describe('a session is not opened with', () => {
  test.each<[claim: string, name: string, options: Record<string, unknown>]>([
    ['a resource that is no URL', 'resources[1]', { resources: ['/api/', 'https://['] }],
    ['a resource in the clear on another host', 'resources[0]', { resources: ['http://api.example.com/'] }],
    ['an exception that is no URL', 'except[0]', { except: ['https://['] }],
  ])('%s', (_, name, options) => {
    expect(() => createWorld().open(options)).toThrow(TypeError);
    expect(() => createWorld().open(options)).toThrow(name);
  });
});
