/** The setting of one run: which server, which options, what is missing. All of it follows from the seed. */
import type { LostAnswer, SessionOptions } from '../../src/core/types.ts';
import type { Rule } from './authorization-server.ts';
import type { Random } from './random.ts';

export interface Setting {
  readonly tabs: number;
  readonly rule: Rule;
  readonly lostAnswer: LostAnswer;
  /** Seconds. */
  readonly life: number;
  readonly refreshLife: number | undefined;
  readonly options: Pick<SessionOptions, 'keepAlive' | 'leeway' | 'patience' | 'signedOut'>;
  /** Whether tokens are stored, or only held by the tabs. */
  readonly storage: 'indexeddb' | 'memory';
  /** Where the core learns who it is. */
  readonly identity: 'token' | 'option' | 'unknown';
  /** Milliseconds by which the machine's clock is ahead, if it is wrong. */
  readonly skew: number;
  readonly hasDate: boolean;
  /** Mean time between two calls of the app, in milliseconds. */
  readonly pace: number;
  readonly hasLongSleep: boolean;
  /** Whether each request to the token server is signed first, after the claim was made. */
  readonly isSigned: boolean;
  /** Whether tokens are cookies, too, as a backend for the frontend keeps them: a sign-out has to reach those. */
  readonly hasCookies: boolean;
}

export interface Wishes {
  readonly tabs: number | undefined;
  /** What a scenario lays down. */
  readonly layDown: ((random: Random) => Partial<Setting>) | undefined;
}

/** The seed decides whatever nobody wishes. */
export function drawSetting(random: Random, { layDown, tabs }: Wishes): Setting {
  const { lostAnswer, rule } = drawServer(random);
  const few = random.pick([1, 2, 2, 3, 3, 4, 5, 6]);
  const many = random.pick([7, 8, 9, 10, 11, 12]);
  const drawn: Setting = {
    tabs: random.isHit(0.06) ? many : few,
    rule,
    lostAnswer,
    life: random.pick([2, 20, 40, 40, 60, 60, 120, 300]),
    refreshLife: random.isHit(0.1) ? random.pick([300, 900, 1_800]) : undefined,
    options: {
      keepAlive: random.pick(['always', 'always', 'always', 'visible', 'active', 'demand']),
      patience: random.pick([1, 1, 0, Number.POSITIVE_INFINITY]),
      signedOut: random.pick(['anonymous', 'anonymous', 'reject']),
      ...(random.isHit(0.3) ? { leeway: random.pick([0, 5, 60]) } : {}),
    },
    storage: random.pick(['indexeddb', 'indexeddb', 'indexeddb', 'memory']),
    identity: random.pick(['token', 'token', 'option', 'option', 'unknown']),
    skew: random.between(-300_000, 300_000),
    hasDate: random.isHit(0.5),
    pace: random.pick([1_500, 4_000, 15_000]),
    hasLongSleep: random.isHit(0.2),
    isSigned: false,
    hasCookies: false,
  };
  const laidDown = { ...drawn, ...layDown?.(random) };
  return tabs === undefined ? laidDown : { ...laidDown, tabs };
}

/** Each kind of server with the `lostAnswer` that fits it. */
function drawServer(random: Random): Pick<Setting, 'lostAnswer' | 'rule'> {
  const seconds = random.pick([10, 30, 60]);
  const times = random.pick([0, 1, 2]);
  return random.pick<Pick<Setting, 'lostAnswer' | 'rule'>>([
    { rule: { name: 'strict' }, lostAnswer: {} },
    { rule: { name: 'strict' }, lostAnswer: {} },
    { rule: { name: 'strict' }, lostAnswer: 'end' },
    { rule: { name: 'strict' }, lostAnswer: 'probe' },
    { rule: { name: 'grace', seconds }, lostAnswer: { within: seconds } },
    { rule: { name: 'grace', seconds }, lostAnswer: { resends: 1 } },
    { rule: { name: 'max-reuse', times }, lostAnswer: { resends: Math.max(times, 1) } },
    { rule: { name: 'parent-of-active' }, lostAnswer: {} },
    { rule: { name: 'non-rotating' }, lostAnswer: {} },
    { rule: { name: 'folio' }, lostAnswer: 'probe' },
  ]);
}
