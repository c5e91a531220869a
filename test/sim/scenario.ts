/** The scenarios: named settings, each with faults of its own, or with all that the seed draws. */
import type { Fault } from './faults.ts';
import type { Random } from './random.ts';
import type { Setting } from './setting.ts';

export interface Scenario {
  readonly about: string;
  /** The kinds of fault there are, in every run. Default: those that the seed draws out of all. */
  readonly faults?: readonly Fault[];
  /** How many times as often as usual these strike. */
  readonly keen?: Readonly<Partial<Record<Fault, number>>>;
  /** What it lays down; the seed draws the rest. */
  readonly setting?: (random: Random) => Partial<Setting>;
  /** Nothing may end, and each token is rotated once, in its time. */
  readonly isCalm?: boolean;
  /** No session may end. */
  readonly isKept?: boolean;
}

const CRASHES: readonly Fault[] = ['crash', 'freeze', 'reload'];
const LOSSES: readonly Fault[] = ['request lost', 'answer lost', 'network slow', 'hang', 'server error'];

function calm(random: Random): Partial<Setting> {
  return {
    life: random.pick([20, 40, 60, 120, 300]),
    refreshLife: undefined,
    options: { keepAlive: 'always', patience: random.pick([1, 0, Number.POSITIVE_INFINITY]), signedOut: 'anonymous' },
    hasLongSleep: false,
    storage: 'indexeddb',
  };
}

export const SCENARIOS = {
  calm: {
    about: 'No faults at all: no session ends, and each token is rotated exactly once.',
    faults: [],
    isCalm: true,
    setting: calm,
  },
  leaderless: {
    about: 'Nobody leads, or two do, and nothing else goes wrong: each token is rotated once, in its time.',
    faults: ['no leader', 'two leaders'],
    isCalm: true,
    setting: calm,
  },
  strict: {
    about: 'A refresh token used twice ends the grant.',
    setting: (random) => ({
      rule: { name: 'strict' },
      lostAnswer: random.pick([{}, 'end', 'probe'] as const),
    }),
  },
  grace: {
    about: 'A refresh token works for some seconds after its first use.',
    setting: (random) => {
      const seconds = random.pick([10, 30, 60]);
      return {
        rule: { name: 'grace', seconds },
        lostAnswer: random.pick<Setting['lostAnswer']>([{ within: seconds }, { resends: 1 }]),
      };
    },
  },
  'max-reuse': {
    about: 'A refresh token works so many times more.',
    setting: (random) => {
      const times = random.pick([0, 1, 2]);
      return { rule: { name: 'max-reuse', times }, lostAnswer: { resends: Math.max(times, 1) } };
    },
  },
  'parent-of-active': {
    about: 'The parent of the active refresh token gives the active one again.',
    setting: () => ({ rule: { name: 'parent-of-active' }, lostAnswer: {} }),
  },
  'non-rotating': {
    about: 'The refresh token stays the same.',
    setting: () => ({ rule: { name: 'non-rotating' }, lostAnswer: {} }),
  },
  folio: {
    about: "A refresh token used twice ends all of the user's sessions, on all devices.",
    setting: (): Partial<Setting> => ({ rule: { name: 'folio' }, lostAnswer: 'probe' }),
  },
  memory: {
    about: 'Nothing on disk: tokens travel from tab to tab.',
    setting: () => ({ storage: 'memory' }),
  },
  'no-locks': {
    about: 'No Web Locks: the lease in the record decides.',
    faults: ['no locks', ...CRASHES, ...LOSSES, 'no leader', 'two leaders', 'message lost'],
  },
  frozen: {
    about: 'Tabs freeze, also in the middle of a rotation, while the others go on.',
    faults: ['freeze', 'hang', 'network slow', 'message lost'],
  },
  crowd: {
    about: 'Twelve tabs.',
    setting: () => ({ tabs: 12 }),
  },
  versions: {
    about: 'Tabs of other versions of the app write the record and post messages.',
    faults: ['newer schema', 'newer fields', 'message foreign', ...CRASHES, 'answer lost', 'sign-out', 'same user'],
  },
  clock: {
    about: "The machine's clock is wrong, jumps, or stands still while it sleeps.",
    faults: ['clock ahead', 'clock back', 'clock skew', 'sleep', 'freeze', 'network slow', 'answer lost'],
  },
  storage: {
    about: 'Storage fails, hangs, lies, is full, is blocked, forgets, or is deleted.',
    faults: [
      'storage failed',
      'storage slow',
      'storage hung',
      'storage lied',
      'storage full',
      'storage blocked',
      'database deleted',
      'power cut',
      ...CRASHES,
      'answer lost',
    ],
  },
  channel: {
    about: 'Messages get lost, late, doubled and out of order, and nobody leads, or two do.',
    faults: [
      'message lost',
      'message late',
      'message twice',
      'message out of order',
      'message foreign',
      'no leader',
      'two leaders',
      'sign-out',
      'same user',
      'answer lost',
    ],
  },
  'sign-out': {
    about: 'Somebody signs out and in, all the time, also as somebody else.',
    faults: ['sign-out', 'same user', 'other user', 'message lost', 'no tombstone', ...CRASHES, ...LOSSES],
  },
  stalled: {
    about: 'Tabs freeze while they rotate, again and again, and requests wait in the others.',
    faults: ['freeze', 'network slow', 'message lost'],
    keen: { freeze: 8 },
    setting: (random) => ({ tabs: random.pick([3, 4, 5, 6]), life: random.pick([20, 40]), pace: 1_500 }),
  },
  deserted: {
    about: 'Tabs freeze while they rotate, and hardly anybody calls.',
    faults: ['freeze', 'token refused'],
    keen: { freeze: 8, 'token refused': 10 },
    setting: (random) => ({ tabs: random.pick([2, 3, 4]), life: random.pick([40, 120, 300]), pace: 15_000 }),
  },
  late: {
    about: 'The token server answers, half a minute late: no session ends.',
    faults: ['network slow'],
    keen: { 'network slow': 8 },
    isKept: true,
    setting: (random) => ({
      rule: { name: 'strict' },
      lostAnswer: {},
      life: random.pick([120, 300]),
      refreshLife: undefined,
    }),
  },
  refused: {
    about: 'The API refuses tokens that are good, and tabs freeze while they rotate over that.',
    faults: ['freeze', 'network slow', 'token refused'],
    keen: { freeze: 8, 'token refused': 20 },
    setting: () => ({ life: 300, pace: 1_500, tabs: 3 }),
  },
  signed: {
    about: 'Each request to the token server is signed first, and tabs freeze over it.',
    faults: ['freeze', 'sleep', 'network slow'],
    keen: { freeze: 8 },
    setting: (random) => ({ isSigned: true, life: random.pick([20, 40]), tabs: random.pick([2, 3, 4]) }),
  },
  unstored: {
    about: 'Storage refuses what a rotation won, no lock keeps the others away, and some have not heard of it.',
    faults: ['no locks', 'storage full', 'reload', 'network slow'],
    keen: { 'storage full': 8, reload: 4, 'network slow': 5 },
    setting: (random) => ({
      life: random.pick([20, 40]),
      pace: 1_500,
      storage: 'indexeddb',
      tabs: random.pick([3, 4, 5]),
    }),
  },
  outage: {
    about: 'The token server is out of reach most of the time.',
    faults: ['request lost', 'server error', 'too many requests', 'reload'],
    keen: { 'request lost': 6, 'server error': 3, 'too many requests': 3 },
    setting: (random) => ({ refreshLife: random.isHit(0.5) ? 300 : undefined, pace: random.pick([1_500, 4_000]) }),
  },
  cookies: {
    about: 'Tokens are cookies, and somebody signs out while new ones are on their way, also to a tab that is gone.',
    faults: ['sign-out', 'network slow', 'message lost', 'answer cut', 'other user', 'same user', ...CRASHES],
    keen: { 'sign-out': 4, 'network slow': 6, crash: 3, reload: 3 },
    setting: (random): Partial<Setting> => ({
      hasCookies: true,
      life: random.pick([20, 40]),
      storage: 'indexeddb',
      ...(random.isHit(0.5) ? { rule: { name: 'folio' }, lostAnswer: 'probe' } : {}),
    }),
  },
  farewell: {
    about: 'Somebody signs out while an answer of the token server is still on its way.',
    faults: ['sign-out', 'network slow', 'message lost', 'other user', 'same user'],
    keen: { 'sign-out': 4, 'network slow': 6 },
    setting: (random) => ({ life: random.pick([20, 40]) }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
