/** The doubts: attempts of which the record has never said what came of them. */
import { contextOf } from '../../src/core/held.ts';
import type { Attempt, SessionRecord } from '../../src/core/record.ts';
import type { Ledger } from './ledger.ts';
import type { Page } from './page.ts';

export interface Doubts {
  /** The page has written the record. */
  readonly note: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  readonly claimantOf: (claim: string) => Page | undefined;
  /** Whether it was taken out of the record, and then put back by a tab that did not know, after the database was deleted. */
  readonly isPutBack: (claim: string) => boolean;
  /** What is in doubt for the page that ends this generation: what the record says, then what a tab may remember, the latest first. */
  readonly of: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => readonly Attempt[];
}

export function createDoubts(ledger: Ledger): Doubts {
  const claimants = new Map<string, Page>();
  /** By epoch and generation, then by id. Who has seen one remembers it, also when a tab has put the record back without it. */
  const all = new Map<string, Map<string, Attempt>>();
  const withdrawn = new Set<string>();
  const putBack = new Set<string>();

  /** Of its own claim the page knows that nothing was presented, also where storage refused to say so. */
  const isNone = (page: Page, { id }: Attempt): boolean =>
    claimants.get(id) === page && ledger.madeWith(id)?.outcome === 'held-back';

  return {
    note: (page, before, after) => {
      const { attempt } = after;
      const name = contextOf(after);
      const own = all.get(name) ?? new Map<string, Attempt>();
      all.set(name, own);
      const settled = before && contextOf(before) === name ? before.attempt : undefined;
      // Whoever takes it out, or puts another in its place that is no resend of it, knows that it led to nothing.
      const isResent = settled?.id === attempt?.id || attempt?.resends === (settled?.resends ?? 0) + 1;
      if (settled !== undefined && !settled.lost && !isResent) {
        own.delete(settled.id);
        withdrawn.add(settled.id);
      }
      if (attempt === undefined) return;
      if (before === undefined && withdrawn.has(attempt.id)) putBack.add(attempt.id);
      own.set(attempt.id, attempt);
      if (claimants.has(attempt.id)) return;
      claimants.set(attempt.id, page);
      ledger.claim(page, attempt);
    },
    claimantOf: (claim) => claimants.get(claim),
    isPutBack: (claim) => putBack.has(claim),
    of: (page, before, after) => {
      const remembered = [...(all.get(contextOf(after))?.values() ?? [])].toReversed();
      return [before?.attempt ?? [], ...remembered].flat().filter((attempt) => !isNone(page, attempt));
    },
  };
}
