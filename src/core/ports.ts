/** What the core needs of the world. The browser and the simulation implement the same ones. */
import type { SessionRecord } from './record.ts';
import type { Undo } from './types.ts';

/** Time. Instants are epoch milliseconds. */
export interface Clock {
  /** The wall clock. It may jump. */
  readonly now: () => number;
  /** Milliseconds since some fixed point. Never goes back; may stand still while the machine sleeps. */
  readonly monotonic: () => number;
  /** Runs the task once, never before this call returns, as soon as the instant has come by either clock. */
  readonly wake: (at: number, task: () => void) => Undo;
}

/** Chance. */
export interface Dice {
  /** A number in [0, 1). */
  readonly roll: () => number;
  /** A fresh random id. */
  readonly id: () => string;
}

/** Returns the record to store, or `undefined` to leave it as it is. Runs inside the transaction: it cannot wait. */
export type Change = (record: SessionRecord | undefined) => SessionRecord | undefined;

/** The one shared record. Rejects when storage fails or takes too long. */
export interface Vault {
  readonly read: () => Promise<SessionRecord | undefined>;
  /** Reads, changes and writes in ONE transaction. Resolves with what is stored afterwards. */
  readonly update: (change: Change) => Promise<SessionRecord | undefined>;
  /** Marks an epoch as signed out, at once and without the database. Never throws. */
  readonly bury: (epoch: string) => void;
  /** Whether this epoch was marked. Never throws. */
  readonly isBuried: (epoch: string) => boolean;
}

/** Makes text unreadable on disk. `context` must be the same for both. */
export interface Seal {
  readonly seal: (text: string, context: string) => Promise<unknown>;
  /** @throws when it was not sealed here, or with another context. */
  readonly open: (sealed: unknown, context: string) => Promise<string>;
}

/** A hint from another tab. It can cause a re-read, a wake-up or a wipe, nothing else. */
export interface Message {
  readonly v: 1;
  readonly kind: 'started' | 'rotated' | 'ended';
  readonly epoch: string;
  readonly generation: number;
}

/** Tokens that a tab lacks: of this epoch, of this generation or a later one. */
export interface Wanted {
  readonly epoch: string;
  readonly generation: number;
}

/** The other tabs. */
export interface Tabs {
  /** Never throws; may be lost. */
  readonly announce: (message: Message) => void;
  readonly hear: (listener: (message: Message) => void) => Undo;
  /** Whether this tab is to rotate when nobody asks. A hint: none or two may say so. */
  readonly isLeader: () => boolean;
  /**
   * Asks the living tabs for tokens. What one of them answers travels sealed to this one question. Nothing when
   * nobody answers within a second, at once when there is nobody. Never rejects.
   */
  readonly ask: (wanted: Wanted) => Promise<string | undefined>;
  /** Answers those who ask with what `find` returns, if anything. */
  readonly answer: (find: (wanted: Wanted) => string | undefined) => Undo;
}

/** Mutual exclusion over all tabs. */
export interface Lock {
  /** Whether `hold` keeps others out. Without Web Locks it does not, and the lease in the record decides. */
  readonly isExclusive: boolean;
  /**
   * Runs the task while holding the lock, or resolves with `'busy'` at once when another tab holds it.
   * Never waits for it. `steal` takes it from its holder; `lost` is aborted when it was taken from us.
   */
  readonly hold: (
    task: (lost: AbortSignal) => Promise<void>,
    options?: { readonly steal?: boolean },
  ) => Promise<'held' | 'busy'>;
}

/** The network. */
export interface Network {
  /** Native fetch. */
  readonly fetch: typeof globalThis.fetch;
  /** False only when it is known that nothing can be sent. */
  readonly isOnline: () => boolean;
}

/** The page and its user. */
export interface Activity {
  readonly isVisible: () => boolean;
  /** When the user last did something here, by `Clock.monotonic`. */
  readonly lastInput: () => number;
  /** Counts as input. */
  readonly touch: () => void;
  /** Calls the listener when the page or its user returns: shown, focused, thawed, back from the cache, online again, used again. */
  readonly onReturn: (listener: () => void) => Undo;
}

/** All of them. */
export interface Ports {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly vault: Vault;
  readonly seal: Seal;
  readonly tabs: Tabs;
  readonly lock: Lock;
  readonly network: Network;
  readonly activity: Activity;
  /** The page's base URL and origin. */
  readonly page: { readonly base: () => string; readonly origin: string };
  /** Hands an error of somebody else's callback to the platform. */
  readonly report: (error: unknown) => void;
  /** Platform features that are not there, by name. */
  readonly missing: () => readonly string[];
}
