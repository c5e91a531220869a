/** What can go wrong, how often it does in this run, and how often it did. */
import type { Random } from './random.ts';

interface Rate {
  /** At each opportunity. */
  readonly chance?: number;
  /** Once in so many milliseconds on average. */
  readonly every?: number;
  /** In so many runs, all through. */
  readonly run?: number;
}

const FAULTS = {
  crash: { chance: 0.002, every: 400_000 },
  freeze: { chance: 0.004, every: 150_000 },
  'main thread blocked': { every: 200_000 },
  close: { every: 300_000 },
  reload: { every: 200_000 },
  'message lost': { chance: 0.2 },
  'message late': { chance: 0.2 },
  'message twice': { chance: 0.1 },
  'message out of order': { chance: 0.1 },
  'message foreign': { every: 60_000 },
  'no channel': { run: 0.3 },
  'storage failed': { chance: 0.02 },
  'storage slow': { chance: 0.04 },
  'storage hung': { chance: 0.01 },
  'storage lied': { chance: 0.01 },
  'storage full': { every: 300_000 },
  'storage blocked': { every: 300_000 },
  'database deleted': { every: 600_000 },
  'power cut': { every: 500_000 },
  'newer schema': { every: 500_000 },
  'newer fields': { every: 300_000 },
  'network slow': { chance: 0.1 },
  'request lost': { chance: 0.06 },
  'answer lost': { chance: 0.06 },
  'answer cut': { chance: 0.03 },
  'too many requests': { chance: 0.06 },
  'request timeout': { chance: 0.04 },
  'server error': { chance: 0.08 },
  'page of HTML': { chance: 0.04 },
  hang: { chance: 0.04 },
  'token refused': { chance: 0.01 },
  'tokens withdrawn': { every: 400_000 },
  'grant revoked': { every: 900_000 },
  offline: { every: 150_000 },
  'clock skew': { run: 0.6 },
  'clock ahead': { every: 400_000 },
  'clock back': { every: 400_000 },
  sleep: { every: 250_000 },
  'no leader': { every: 200_000 },
  'two leaders': { every: 200_000 },
  'no locks': { run: 0.3 },
  'no tombstone': { run: 0.3 },
  'sign-out': { every: 250_000 },
  'same user': { every: 300_000 },
  'other user': { every: 400_000 },
} as const satisfies Record<string, Rate>;

export type Fault = keyof typeof FAULTS;

const RATES: Readonly<Record<Fault, Rate>> = FAULTS;

function isFault(name: string): name is Fault {
  return Object.hasOwn(FAULTS, name);
}

export const KINDS: readonly Fault[] = Object.keys(FAULTS).filter(isFault);

/** By kind; and, where it struck in the course of something, by place: `crash at storage.write`. */
export type FaultCounts = Readonly<Record<string, number>>;

export interface Faults {
  /** Rolls whether it happens here, and counts it if it does. */
  readonly strikes: (kind: Fault, place?: string) => boolean;
  /** Counts one that happens by the schedule. False when no more may happen. */
  readonly happens: (kind: Fault) => boolean;
  /** How long until the next of this kind; nothing when there is none in this run. */
  readonly wait: (kind: Fault) => number | undefined;
  /** How long a page stays frozen: mostly shorter than a lease, sometimes much longer. */
  readonly freezeTime: () => number;
  /** From now on nothing goes wrong. */
  readonly stop: () => void;
  readonly counts: () => FaultCounts;
}

/**
 * Draws which kinds there are in this run, and how often: rare combinations show best when most other kinds
 * are silent (swarm testing, Groce et al. 2012). `only`: these, in every run. `keen`: how many times as often as usual.
 */
export function createFaults(
  random: Random,
  only?: readonly Fault[],
  keen: Readonly<Partial<Record<Fault, number>>> = {},
): Faults {
  const share = only === undefined ? random.pick([0, 0.15, 0.3, 0.5, 0.8]) : 1;
  const zeal = random.pick([0.5, 1, 1, 3]);
  const chosen = new Map<Fault, number>();
  for (const kind of only ?? KINDS)
    if (random.isHit(share)) chosen.set(kind, zeal * random.pick([0.5, 1, 2]) * (keen[kind] ?? 1));
  /** How likely each is at an opportunity: asked for a thousand times a run. */
  const odds = new Map<Fault, number>();
  for (const [kind, weight] of chosen) {
    const { chance = 0, run } = RATES[kind];
    odds.set(kind, run === undefined ? chance * weight : only === undefined ? run : 1);
  }
  const counts: Record<string, number> = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  let hasStopped = false;

  const count = (kind: Fault, place?: string): true => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (place !== undefined) counts[`${kind} at ${place}`] = (counts[`${kind} at ${place}`] ?? 0) + 1;
    return true;
  };
  return {
    strikes: (kind, place) => {
      const chance = hasStopped ? undefined : odds.get(kind);
      return chance !== undefined && random.isHit(chance) && count(kind, place);
    },
    happens: (kind) => !hasStopped && count(kind),
    wait: (kind) => {
      const weight = chosen.get(kind);
      const { every } = RATES[kind];
      return hasStopped || weight === undefined || every === undefined ? undefined : random.wait(every / weight);
    },
    freezeTime: () =>
      random.pick([random.between(100, 5_000), random.between(5_000, 40_000), random.between(40_000, 200_000)]),
    stop: () => {
      hasStopped = true;
    },
    counts: () => counts,
  };
}
