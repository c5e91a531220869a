/** The browser's cookies of a server that keeps its tokens there: no page sees them, and whoever comes last has set them. Invariant 5. */
import { isDeepStrictEqual } from 'node:util';
import type { SessionRecord } from '../../src/core/record.ts';
import type { AccessToken, Grant } from './authorization-server.ts';
import type { Epoch } from './epoch.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Jar {
  /** A sign-in, or an answer of the token endpoint, has set the cookie. */
  readonly set: (token: AccessToken) => void;
  /** What has landed last of this sign-in. Another's is left out: it would be that request's cookie, and nobody's rotation. */
  readonly newest: (grant: Grant) => AccessToken | undefined;
  /** A logout leaves the page with the cookie. */
  readonly take: (page: Page) => AccessToken | undefined;
  /** The logout has reached the server: that one token is dead, and its answer deletes the cookie. */
  readonly destroy: (token: AccessToken | undefined) => void;
  /** The page has written the record. */
  readonly write: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  /** After all faults: of a session that was signed out no cookie is good any more, if the app is open anywhere. */
  readonly check: (record: SessionRecord | undefined, isOpen: boolean) => void;
}

export interface JarOptions {
  readonly now: () => number;
  readonly referee: Referee;
  readonly epochOf: (grant: Grant) => Epoch | undefined;
}

export function createJar({ epochOf, now, referee }: JarOptions): Jar {
  const destroyed = new Set<AccessToken>();
  /** The pages that have sent a logout. */
  const dutiful = new Set<Page>();
  const newest = new Map<Grant, AccessToken>();
  let cookie: AccessToken | undefined;
  /** Who has taken it upon itself to repeat a logout. */
  let repeater: Page | undefined;
  return {
    set: (token) => {
      cookie = token;
      newest.set(token.grant, token);
    },
    newest: (grant) => newest.get(grant),
    take: (page) => {
      dutiful.add(page);
      return cookie;
    },
    destroy: (token) => {
      if (token !== undefined) destroyed.add(token);
      if (cookie === token) cookie = undefined;
    },
    write: (page, before, after) => {
      if (before?.epoch !== after.epoch) repeater = undefined;
      if (before?.logoutPending !== undefined && after.logoutPending === undefined) {
        repeater = page;
        dutiful.delete(page);
      }
    },
    check: (record, isOpen) => {
      // It is repeated when the app is opened again.
      if (!isOpen && record?.logoutPending !== undefined) return;
      const epoch = cookie && epochOf(cookie.grant);
      if (cookie === undefined || epoch?.signOut === undefined || record?.epoch !== epoch.id) return;
      const { expiresAt, uses, value } = cookie.refreshToken;
      const isGood = !destroyed.has(cookie) && uses === 0 && cookie.grant.end === undefined && now() < expiresAt;
      // Whose turn it was crashed before it could send it.
      const page = repeater ?? epoch.signOut.page;
      if (!isGood || (page.isGone() && !dutiful.has(page))) return;
      referee.fail(5, 'a cookie of a session that was signed out is still good', value);
    },
  };
}

/** Whether what had ended was changed: more than that a logout which was to be repeated has been. */
export function isRewritten(before: SessionRecord, after: SessionRecord): boolean {
  if (before.ended === undefined) return false;
  return before.logoutPending === undefined || !isDeepStrictEqual({ ...before, logoutPending: undefined }, after);
}
