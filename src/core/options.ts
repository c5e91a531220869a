/** The options as an app writes them -> the options as the core uses them: checked, in milliseconds, with defaults. */
import type { LostAnswer, SessionOptions, TokenServer } from './types.ts';

/** Durations in milliseconds. */
export interface Options {
  readonly server: TokenServer;
  readonly resources: readonly string[];
  readonly except: readonly string[];
  readonly name: string;
  readonly storage: 'indexeddb' | 'memory';
  readonly leeway: number | undefined;
  readonly schedule: { readonly first: Range; readonly later: Range };
  readonly keepAlive: 'always' | 'visible' | 'active' | 'demand';
  readonly patience: number;
  readonly queue: { readonly limit: number; readonly timeout: number };
  readonly signedOut: 'anonymous' | 'reject';
  readonly logger: SessionOptions['logger'];
}

type Range = readonly [from: number, to: number];

const KNOWN = new Set(
  'server resources except name storage leeway schedule keepAlive patience queue signedOut logger'.split(' '),
);
const LATER = new Set('idle maxAge workerUrl'.split(' '));

/** Above these, a number of seconds can only have been meant as milliseconds. */
const LONGEST = { leeway: 3_600, patience: 300, timeout: 3_600 };

/** @throws TypeError that names the option, the kind of its value, and what is allowed. */
export function readOptions(given: unknown, origin: string): Options {
  const option = fieldsOf(given, 'The options', KNOWN);
  const queue = fieldsOf(option('queue', {}), 'queue', new Set(['limit', 'timeout']));
  const schedule = fieldsOf(option('schedule', {}), 'schedule', new Set(['first', 'later']));
  const leeway = option('leeway');
  const logger = option('logger');
  return {
    server: readServer(option('server')),
    resources: readUrls('resources', option('resources')) ?? [origin],
    except: readUrls('except', option('except')) ?? [],
    name: readName(option('name', 'holdfast')),
    storage: readChoice('storage', option('storage', 'indexeddb'), ['indexeddb', 'memory']),
    leeway: leeway === undefined ? undefined : readSeconds('leeway', leeway, LONGEST.leeway),
    schedule: {
      first: readRange('schedule.first', schedule('first', [0.3, 0.9])),
      later: readRange('schedule.later', schedule('later', [0.75, 0.9])),
    },
    keepAlive: readChoice('keepAlive', option('keepAlive', 'always'), ['always', 'visible', 'active', 'demand']),
    patience:
      option('patience') === Number.POSITIVE_INFINITY
        ? Number.POSITIVE_INFINITY
        : readSeconds('patience', option('patience', 1), LONGEST.patience),
    queue: {
      limit: readCount('queue.limit', queue('limit', 10_000)),
      timeout: readSeconds('queue.timeout', queue('timeout', 60), LONGEST.timeout),
    },
    signedOut: readChoice('signedOut', option('signedOut', 'anonymous'), ['anonymous', 'reject']),
    logger: logger === undefined || isLogger(logger) ? logger : refuse('logger', logger, 'a function'),
  };
}

/** A reader of own members only: a polluted `Object.prototype` sets no option. @throws TypeError for a member that is not known. */
export function fieldsOf(
  given: unknown,
  what: string,
  known: ReadonlySet<string>,
): (name: string, fallback?: unknown) => unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse(what, given, 'an object');
  for (const name of Object.keys(given)) {
    if (LATER.has(name)) throw new TypeError(`The option ${name} is not available yet.`);
    if (!known.has(name))
      throw new TypeError(`${what} cannot hold ${JSON.stringify(name)}: known are ${[...known].join(', ')}.`);
  }
  return (name, fallback) => {
    const value: unknown = Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
    return value === undefined ? fallback : value; // `null` is a value, and never a good one.
  };
}

function readServer(value: unknown): TokenServer {
  if (!isServer(value)) {
    refuse(
      'server',
      value,
      'a token server, as oauth2({ … }) makes one, with endpoints, readTokens, rotate, attach and isRefusal',
    );
  }
  readLostAnswer(value.lostAnswer);
  return value;
}

function isServer(value: unknown): value is TokenServer {
  if (typeof value !== 'object' || value === null) return false;
  const field = (name: string): unknown => Reflect.get(value, name);
  return (
    ['readTokens', 'rotate', 'attach', 'isRefusal'].every((name) => typeof field(name) === 'function') &&
    ['prepare', 'adopt', 'revoke', 'probe'].every((name) => ['undefined', 'function'].includes(typeof field(name))) &&
    readUrls('server.endpoints', field('endpoints')) !== undefined
  );
}

/** @throws TypeError that names the part. */
export function readLostAnswer(value: unknown): LostAnswer {
  if (value === undefined) return {};
  if (value === 'probe' || value === 'end') return value;
  const field = fieldsOf(value, 'lostAnswer', new Set(['resends', 'within']));
  const [resends, within] = [field('resends'), field('within')];
  return {
    resends:
      resends === undefined || resends === Number.POSITIVE_INFINITY
        ? undefined
        : readCount('lostAnswer.resends', resends, 0),
    within:
      within === undefined ? undefined : readSeconds('lostAnswer.within', within, Number.POSITIVE_INFINITY) / 1_000,
  };
}

function readUrls(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) refuse(name, value, 'an array of URLs');
  return value.map((url: unknown, index) =>
    typeof url === 'string' ? url : refuse(`${name}[${index}]`, url, 'a string'),
  );
}

function readName(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)) return value;
  return refuse('name', value, '1 to 64 letters, digits or any of _ . : -');
}

function readChoice<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === value);
  return choice ?? refuse(name, value, choices.map((each) => `'${each}'`).join(', '));
}

/** Milliseconds. @throws TypeError that names the option, also when the number can only have been meant as milliseconds. */
export function readSeconds(name: string, value: unknown, longest: number): number {
  if (typeof value !== 'number' || !(value >= 0)) return refuse(name, value, 'a number of seconds, 0 or more');
  if (value > longest)
    throw new TypeError(`${name} is given in seconds, and at most ${longest}; ${value} looks like milliseconds.`);
  return value * 1_000;
}

function readCount(name: string, value: unknown, least = 1): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least
    ? value
    : refuse(name, value, `a whole number, ${least} or more`);
}

function readRange(name: string, value: unknown): Range {
  const range: readonly unknown[] = Array.isArray(value) ? value : [];
  const [from, to] = range;
  return range.length === 2 && typeof from === 'number' && typeof to === 'number' && from > 0 && from <= to && to <= 1
    ? [from, to]
    : refuse(name, value, 'two fractions in rising order, above 0 and at most 1');
}

function isLogger(value: unknown): value is NonNullable<SessionOptions['logger']> {
  return typeof value === 'function';
}

function refuse(name: string, value: unknown, allowed: string): never {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  const shown = typeof value === 'number' ? `the number ${value}` : typeof value === 'string' ? 'this string' : kind;
  throw new TypeError(`${name} cannot be ${shown}: it must be ${allowed}.`);
}
