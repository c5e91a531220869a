/** What a scenario can ask of a tab. Every answer is plain data: it leaves the browser as JSON. */
import type { EndReason, Inspection } from 'holdfast';

/** From and until, in epoch milliseconds. */
export type Interval = readonly [number, number];

/** What a tab has seen since it was opened. */
export interface Report {
  /** How calls ended: so many by status, or by the name of the error. */
  readonly calls: Readonly<Record<string, number>>;
  /** Calls that were left out, because those before them had not come back. */
  readonly leftOut: number;
  /** Calls that have not ended. */
  readonly pending: number;
  /** When each generation was due to be rotated, in epoch milliseconds. */
  readonly due: Readonly<Record<number, number>>;
  /** For each access token that expired before this tab had the next: since when, and until when. */
  readonly late: readonly Interval[];
  /** From the sending of each request that was answered with 401 until its answer. */
  readonly refused: readonly Interval[];
  /** When the tab was kept from running. */
  readonly standstills: readonly Interval[];
  /** How the session ended, each time that it did. */
  readonly ends: readonly EndReason[];
  /** Whether the page came back out of the back/forward cache. */
  readonly isCached: boolean;
  /** How often a timer of a second has fired. */
  readonly ticks: number;
}

/** The tab's side of a scenario. */
export interface Probe {
  /** Lets every tab begin that was opened to wait for that. Until then it can be asked for nothing else. */
  readonly begin: () => void;
  readonly start: (response: unknown, user: string) => Promise<void>;
  /** Logs ada in at the page's backend, which gives her tokens, or cookies where those may come along. */
  readonly logIn: (credentials: RequestCredentials) => Promise<void>;
  readonly end: () => Promise<void>;
  readonly inspect: () => Inspection;
  /** Makes so many calls at once. Resolves with how they ended: statuses, or names of errors. */
  readonly call: (count: number) => Promise<readonly string[]>;
  /** Makes so many calls, and does not wait for them. */
  readonly callAside: (count: number) => void;
  /** Makes a call every so many milliseconds from now on, 0 for none. */
  readonly load: (interval: number) => void;
  readonly report: () => Report;
  /** Keeps the main thread busy for so many milliseconds, from the next task on. */
  readonly block: (time: number) => void;
  /** Deletes every database of the origin, as "clear site data" does. */
  readonly deleteDatabases: () => Promise<void>;
}
