/** An epoch: one sign-in, as the world knows it. */
import type { EndReason } from '../../src/core/types.ts';
import type { Grant } from './authorization-server.ts';
import type { Page } from './page.ts';

/** One sign-in, as the world knows it. */
export interface Epoch {
  readonly id: string;
  readonly grant: Grant;
  /** When somebody signed in: that may wait long for its turn. */
  readonly madeAt: number;
  /** When it was first stored; before that, when it was made. */
  since: number;
  isStored: boolean;
  /** Those that stood in its place before, as far as whoever holds it can know: what is stored where nothing is knows of none. */
  readonly predecessors: Set<Epoch>;
  /** Where somebody called `end()` on it. */
  buriedBy: Page | undefined;
  /** That call has resolved. */
  signOut: Notice | undefined;
  /** The sign-in that began it is done. */
  begun: Notice | undefined;
  /** What was stored in its place. */
  replacedBy: Epoch | undefined;
  lastGeneration: number;
  /** As what the record says that it ended. */
  endedAs: EndReason | undefined;
}

/** What a page has told all others. */
export interface Notice {
  readonly page: Page;
  readonly at: number;
  /** How long each of the other pages had run by then. */
  readonly active: ReadonlyMap<Page, number>;
}

/** One that somebody is about to store. */
export function newEpoch(id: string, grant: Grant, madeAt: number): Epoch {
  return {
    id,
    grant,
    madeAt,
    since: madeAt,
    isStored: false,
    predecessors: new Set(),
    buriedBy: undefined,
    signOut: undefined,
    begun: undefined,
    replacedBy: undefined,
    lastGeneration: 0,
    endedAs: undefined,
  };
}
