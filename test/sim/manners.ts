/** Manners: what is asked of each request to the token server beyond being the only one. Invariants 1 and 8. */
import type { SessionRecord } from '../../src/core/record.ts';
import { REFUSAL_INTERVAL } from '../../src/core/timing.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';
import type { Referee } from './referee.ts';

export interface Manners {
  /** A page asks the server by other means what became of a rotation. */
  readonly probe: () => void;
  readonly hasProbed: (since: number) => boolean;
  readonly setOnline: (isOnline: boolean) => void;
  /** The page presents a refresh token. */
  readonly present: (page: Page) => void;
  /** A new generation is stored. */
  readonly rotate: (before: SessionRecord, after: SessionRecord) => void;
}

/** Between the look at the network and the request lie the lock and the claim. */
const SLACK = 12_000;

export function createManners(machine: Machine, referee: Referee, now: () => number): Manners {
  let offlineSince: { readonly now: number; readonly awake: number } | undefined;
  let probedAt = 0;
  let refusedAt: number | undefined;
  return {
    probe: () => {
      probedAt = now();
    },
    hasProbed: (since) => probedAt >= since,
    setOnline: (isOnline) => {
      offlineSince = isOnline ? undefined : (offlineSince ?? { now: now(), awake: machine.awake() });
    },
    present: (page) => {
      if (offlineSince === undefined || page.thawedAt() > offlineSince.now) return;
      if (machine.awake() - offlineSince.awake > SLACK)
        referee.fail(8, 'a refresh token was sent although the browser is offline', `tab ${page.id}`);
    },
    rotate: (before, after) => {
      if (after.last?.cause !== 'refusal') return;
      const passed = after.last.at - (before.last?.at ?? 0);
      // By true time as well, since the wall clock may have jumped.
      const isSoon = refusedAt !== undefined && now() - refusedAt < REFUSAL_INTERVAL;
      if (before.last?.cause === 'refusal' && isSoon && passed >= 0 && passed < REFUSAL_INTERVAL)
        referee.fail(8, 'refusals caused two rotations within a minute', `${passed} ms`);
      refusedAt = now();
    },
  };
}
