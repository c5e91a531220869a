/** What is known to break, with seeds that show it. A kind that stands here is reported, and does not fail the tests. */
import type { Violation } from './referee.ts';

/** By name of the violation, with seeds if there are any among the first 3,000. Whoever mends one takes its line away and adds its seeds below. */
const OPEN: ReadonlyMap<string, readonly number[]> = new Map([
  // What storage refused to write of a claim that led to nothing (408, frozen before it left) is a doubt to the others.
  ['8: a session was lost: interrupted, the outcome refused by storage', [299, 419, 805, 1299]],
  // A doubt is forgotten when the database is deleted before it is written: the record is put back without it.
  ["1: a token in doubt was presented again under lostAnswer 'end'", [580, 1193, 1236, 2100]],
  ['1: a token in doubt was presented again more often than lostAnswer permits', [1252, 1744, 2869]],
  // A rotation of an epoch that this tab has left is dropped although storage, which refused the new one, still has it.
  ['1: a spent token was presented again although its answer arrived', []],
  // The wall clock alone cannot tell how long ago it was once it has been set back.
  ['1: a token in doubt was presented again later than lostAnswer permits', [1551, 2566, 2747]],
  // Not understood yet: a probe, a claim that storage swallowed, and two tabs that thaw together.
  ["1: a token in doubt was presented again under 'probe' too early", [1112]],
  // A sign-in that storage refused, with the clock set back, against one made since.
  ['6: a replaced epoch was written again', []],
  // What a rotation brings inside its leeway is sent all the same, once: else a slow server would starve requests.
  ['7: a token known to be dead was sent', [239, 248, 727, 1168]],
  ['7: a token known to be dead was sent after a refusal', [2072]],
  ['7: a token known to be dead was handed out', []],
  // A doubt from before the sleep that `within` forbids to resolve after it.
  ['13: the first request after a long sleep failed', []],
  // A sign-in that storage refused gives way to an older record that this tab had not seen.
  ['8: a tab ended as replaced without a cause', [262, 444, 632, 789]],
  // A clock that jumps ahead reaches the refresh token's end before the server does.
  ['8: the record ended as expired without a cause', [5, 129, 303, 347]],
  ['8: a tab ended as expired without a cause', [813, 1111, 1879, 2557]],
]);

/** Seeds that once showed what is mended by now. */
export const MENDED: readonly number[] = [
  25, 35, 272, 1375, 1484, 1953, 2007, 2195, 2511, 3436, 3755, 3884, 8, 74, 173, 599, 86, 105, 190, 283, 296, 327,
];

function nameOf({ invariant, kind }: Violation): string {
  return `${invariant}: ${kind}`;
}

export function isKnown(violation: Violation): boolean {
  return OPEN.has(nameOf(violation));
}
