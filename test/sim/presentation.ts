/** A presentation: one use of a refresh token, and what came of it. */
import type { AccessToken, RefreshToken } from './authorization-server.ts';
import type { Instant } from './births.ts';
import type { Page } from './page.ts';

export type Outcome = 'flying' | 'rotated' | 'rejected' | 'held-back' | 'unknown';

/** One use of a refresh token, as the page knows it. */
export interface Presentation {
  readonly page: Page;
  readonly token: RefreshToken;
  readonly sent: Instant;
  /** How many came before it, as its claim says. */
  readonly resends: number;
  outcome: Outcome;
  /** The server used the token up. */
  isConsumed: boolean;
  won: AccessToken | undefined;
  /** When the page had the answer. */
  endedAt: number;
  isCommitted: boolean;
  /** What the disk has lost of it. */
  lost: undefined | `${'claim' | 'commit'} lost ${'by a relaxed write' | 'with the database'}`;
  committedAt: number;
  /** Why an earlier presentation of the same token was taken for lost. */
  readonly excuse: string | undefined;
}

/** One that has just left. */
export function begunBy(one: Pick<Presentation, 'page' | 'token' | 'sent' | 'resends' | 'excuse'>): Presentation {
  return {
    ...one,
    outcome: 'flying',
    isConsumed: false,
    won: undefined,
    endedAt: 0,
    isCommitted: false,
    lost: undefined,
    committedAt: 0,
  };
}

/**
 * Whether its page has signed in before the answer came, and storage has refused the page something since: it holds only
 * what the sign-in brought, and the other pages, who find the old epoch in the record, cannot know.
 */
export function isDropped({ endedAt, outcome, sent }: Presentation, signedInAt = 0, troubledAt = 0): boolean {
  return outcome === 'rotated' && signedInAt > sent.now && signedInAt <= endedAt && troubledAt >= signedInAt;
}

/**
 * Whether the page knows of this one. Of what the disk has lost nobody does but the page that did it, since a tab may put
 * back what was before. A page remembers one doubt: of two with as many resends the later, made by another that did not know.
 */
export function isKnown(page: Page, one: Presentation, all: readonly Presentation[]): boolean {
  if (one.lost === undefined) return true;
  const isCovered = all.some(
    (other) => other.page !== page && other.sent.now > one.sent.now && other.resends <= one.resends,
  );
  return one.page === page && !isCovered;
}

/** What it breaks to present this token again, as was decided then. `isTroubled`: storage has refused its page something since. */
export function breachOf(
  { committedAt, isCommitted, outcome }: Presentation,
  decidedAt: number,
  isTroubled: boolean,
): [invariant: number, kind: string] {
  if (isCommitted && committedAt <= decidedAt)
    return [1, 'a token was presented again although its successor is stored'];
  if (outcome === 'flying') return [2, 'two rotations are in flight for one generation'];
  if (outcome === 'rejected') return [1, 'a rejected token was presented again'];
  return isTroubled
    ? [1, 'a spent token was presented again while another tab holds its successor in memory']
    : [1, 'a spent token was presented again although its answer arrived'];
}
