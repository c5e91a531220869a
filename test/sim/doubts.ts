/** The doubts: attempts of which the record has never said what came of them. */
import { contextOf } from '../../src/core/held.ts';
import type { Attempt, SessionRecord } from '../../src/core/record.ts';
import type { Ledger } from './ledger.ts';
import type { Page } from './page.ts';

export interface Doubts {
  /** The page has written the record. `before`: as it stood, if it was of the same epoch. */
  readonly note: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => void;
  readonly claimantOf: (claim: string) => Page | undefined;
  /** What is in doubt for the page that ends this generation: what the record says, then what a tab may remember, the latest first. */
  readonly of: (page: Page, before: SessionRecord | undefined, after: SessionRecord) => readonly Attempt[];
}

export function createDoubts(ledger: Ledger): Doubts {
  const claimants = new Map<string, Page>();
  /** By epoch and generation, then by id. Who has seen one remembers it, also when a tab has put the record back without it. */
  const all = new Map<string, Map<string, Attempt>>();

  /** Of its own claim the page knows that nothing was presented, also where storage refused to say so. */
  const isNone = (page: Page, { id }: Attempt): boolean =>
    claimants.get(id) === page && ledger.madeWith(id)?.outcome === 'held-back';

  return {
    note: (page, before, after) => {
      const own = all.get(contextOf(after)) ?? new Map<string, Attempt>();
      all.set(contextOf(after), own);
      const { attempt } = after;
      const settled = before?.attempt;
      // Whoever takes it out, or puts another in its place that is no resend of it, knows that it led to nothing.
      if (settled !== undefined && !settled.lost && attempt?.id !== settled.id)
        if (attempt?.resends !== settled.resends + 1) own.delete(settled.id);
      if (attempt === undefined) return;
      own.set(attempt.id, attempt);
      if (claimants.has(attempt.id)) return;
      claimants.set(attempt.id, page);
      ledger.claim(page, attempt.id);
    },
    claimantOf: (claim) => claimants.get(claim),
    of: (page, before, after) => {
      const remembered = [...(all.get(contextOf(after))?.values() ?? [])].toReversed();
      return [before?.attempt ?? [], ...remembered].flat().filter((attempt) => !isNone(page, attempt));
    },
  };
}
