/** The notices of sign-ins and sign-outs: which page has heard of which, and that it attaches no token of what is over. Invariants 4 and 10. */
import type { Message } from '../../src/core/ports.ts';
import type { AccessToken } from './authorization-server.ts';
import type { Archive } from './archive.ts';
import type { Epoch } from './epoch.ts';
import type { Ledger } from './ledger.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Notices {
  readonly hear: (page: Page, message: Message) => void;
  /** The message does not reach the page, or late. */
  readonly miss: (page: Page, message: Message) => void;
  readonly returned: (page: Page) => void;
  /** The page attaches this token. */
  readonly judge: (page: Page, token: AccessToken) => void;
}

export interface NoticesOptions {
  readonly now: () => number;
  readonly referee: Referee;
  readonly ledger: () => Ledger;
  readonly archive: () => Archive;
  /** Whether a tab finds tokens in storage: else it goes on with what it has until another tab answers. */
  readonly keepsTokens: boolean;
  /** Whether localStorage can be written. */
  readonly hasTombstone: boolean;
}

/** By design section 4, invariant 4. */
const REACTION_TIME = 1_000;

export function createNotices({ archive, hasTombstone, keepsTokens, ledger, now, referee }: NoticesOptions): Notices {
  const heard = new Map<Page, Set<string>>();
  const missed = new Map<Page, Set<string>>();
  const returns = new Map<Page, number>();
  const nameOf = ({ epoch, kind }: Pick<Message, 'epoch' | 'kind'>): string => `${kind} ${epoch}`;
  const note = (notes: Map<Page, Set<string>>, page: Page, message: Message): void => {
    const names = notes.get(page) ?? new Set<string>();
    notes.set(page, names.add(nameOf(message)));
  };

  function judgeSignOut(page: Page, { id, replacedBy, signOut }: Epoch): void {
    if (signOut === undefined) return;
    if (signOut.page === page)
      return referee.fail(4, 'the tab that signed out attached the token again', `tab ${page.id}`);
    // The record names a later sign-in, whose tokens this tab cannot get, and a message alone ends nothing.
    if (!keepsTokens && replacedBy?.isStored && (replacedBy.since < signOut.at || !hasTombstone)) return;
    // A tab that cannot read the record and has no tombstone cannot know.
    if (ledger().troubledAt(page) >= signOut.at || ledger().troubledAt(signOut.page) > 0) return;
    const detail = `tab ${page.id}, ${Math.round(now() - signOut.at)} ms after the sign-out`;
    const name = nameOf({ kind: 'ended', epoch: id });
    if (heard.get(page)?.has(name)) referee.fail(4, 'a tab that had heard of the sign-out attached the token', detail);
    if ((returns.get(page) ?? 0) > signOut.at)
      referee.fail(4, 'a tab that had returned after the sign-out attached the token', detail);
    const before = signOut.active.get(page);
    if (missed.get(page)?.has(name) || before === undefined) return;
    if (page.active() - before > REACTION_TIME)
      referee.fail(4, 'a tab in reach attached the token a second after the sign-out', detail);
  }

  function judgeSignIn(page: Page, { replacedBy }: Epoch): void {
    const { begun, id } = replacedBy ?? {};
    if (begun === undefined || id === undefined || begun.page === page || !keepsTokens) return;
    if (ledger().troubledAt(page) >= begun.at || ledger().troubledAt(begun.page) > 0) return;
    const before = begun.active.get(page);
    if (missed.get(page)?.has(nameOf({ kind: 'started', epoch: id })) || before === undefined) return;
    const detail = `tab ${page.id}, ${Math.round(now() - begun.at)} ms after the sign-in`;
    if (page.active() - before > REACTION_TIME)
      referee.fail(10, 'a tab in reach attached the token of the session before, a second after the sign-in', detail);
  }

  return {
    hear: (page, message) => note(heard, page, message),
    miss: (page, message) => note(missed, page, message),
    returned: (page) => void returns.set(page, now()),
    judge: (page, token) => {
      const epoch = archive().epochOf(token.grant);
      if (epoch === undefined) return;
      judgeSignOut(page, epoch);
      judgeSignIn(page, epoch);
    },
  };
}
