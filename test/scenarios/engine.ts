/** A browser engine as the scenarios drive it. */
import type { Probe } from './page/probe.ts';

/** Minutes after which no scenario begins that has not yet: .ci/run sets them, so that it comes to its end on a slow machine. */
export const ENGINE_MINUTES = Number(process.env['ENGINE_MINUTES'] ?? Infinity);

/** What only some engines can be made to do. */
export type Ability = 'block' | 'crash' | 'freeze' | 'hide' | 'offline' | 'return' | 'throttle';

/** A tab of a browser. */
export interface Tab {
  /** Asks the page's probe. */
  readonly ask: <Name extends keyof Probe>(
    name: Name,
    ...given: Parameters<Probe[Name]>
  ) => Promise<Awaited<ReturnType<Probe[Name]>>>;
  readonly close: () => Promise<void>;
  readonly reload: () => Promise<void>;
  /** Brings it before the other tabs of its window. */
  readonly show: () => Promise<void>;
  /** Kills the process that runs the page. */
  readonly crash: () => Promise<void>;
  /** What a browser does to a hidden tab to save energy. */
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
  readonly leave: (url: string) => Promise<void>;
  /** By way of the history. */
  readonly comeBack: () => Promise<void>;
}

/** A browser profile that nobody has used before. */
export interface Profile {
  readonly open: (url: string) => Promise<Tab>;
  /** Brings an empty tab before all others: none of them is seen any more. */
  readonly hideAll: () => Promise<void>;
  readonly setOffline: (isOffline: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a profile is for. */
export interface Wishes {
  /** Every tab says that it is visible. Otherwise tabs hide each other, as in a user's window. */
  readonly isSeen: boolean;
  readonly needs: readonly Ability[];
}

/** An engine. It starts when the first profile is opened. */
export interface Engine {
  readonly name: string;
  /** Why this machine cannot have it. */
  readonly absent?: string | undefined;
  /** How many times heavier than in Chromium its tabs are. Default 1. */
  readonly weight?: number;
  /** Minutes after which no scenario begins that has not yet. Default none. */
  readonly minutes?: number;
  /** What it cannot be made to do, and why. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  readonly open: (wishes: Wishes) => Promise<Profile>;
  readonly close: () => Promise<void>;
}
