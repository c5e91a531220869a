/** The browser's cookies of a server that keeps its tokens there: no page sees them, and whoever comes last has set them. Invariant 5. */
import { isDeepStrictEqual } from 'node:util';
import type { SessionRecord } from '../../src/core/record.ts';
import type { Grant, RefreshToken } from './authorization-server.ts';
import type { Epoch } from './epoch.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Jar {
  /** A sign-in, or an answer of the token endpoint, has set the cookie. */
  readonly set: (token: RefreshToken) => void;
  /** A logout leaves the page with the cookie. */
  readonly take: (page: Page) => RefreshToken | undefined;
  /** The logout has reached the server: that one token is dead, and its answer deletes the cookie. */
  readonly destroy: (token: RefreshToken | undefined) => void;
  /** After all faults: of a session that was signed out no cookie is good any more. */
  readonly check: (record: SessionRecord | undefined) => void;
}

export interface JarOptions {
  readonly now: () => number;
  readonly referee: Referee;
  readonly epochOf: (grant: Grant) => Epoch | undefined;
}

export function createJar({ epochOf, now, referee }: JarOptions): Jar {
  const destroyed = new Set<RefreshToken>();
  /** The pages that have sent a logout. */
  const dutiful = new Set<Page>();
  let cookie: RefreshToken | undefined;
  return {
    set: (token) => {
      cookie = token;
    },
    take: (page) => {
      dutiful.add(page);
      return cookie;
    },
    destroy: (token) => {
      if (token !== undefined) destroyed.add(token);
      if (cookie === token) cookie = undefined;
    },
    check: (record) => {
      const epoch = cookie && epochOf(cookie.grant);
      if (cookie === undefined || epoch?.signOut === undefined || record?.epoch !== epoch.id) return;
      const isGood =
        !destroyed.has(cookie) && cookie.uses === 0 && cookie.grant.end === undefined && now() < cookie.expiresAt;
      const { page } = epoch.signOut;
      // It crashed before it could send the first.
      if (!isGood || (page.isGone() && !dutiful.has(page))) return;
      referee.fail(5, 'a cookie of a session that was signed out is still good', cookie.value);
    },
  };
}

/** Whether what had ended was changed: more than that a logout which was to be repeated has been. */
export function isRewritten(before: SessionRecord, after: SessionRecord): boolean {
  if (before.ended === undefined) return false;
  return before.logoutPending === undefined || !isDeepStrictEqual({ ...before, logoutPending: undefined }, after);
}
