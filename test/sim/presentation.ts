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
