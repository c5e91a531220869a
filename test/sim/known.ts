/** What is known to break, with seeds that show it. A kind that stands here is reported, and does not fail the tests. */
import type { Violation } from './referee.ts';

/** By name of the violation. Whoever mends one takes its line away and adds its seeds below. */
const OPEN: ReadonlyMap<string, readonly number[]> = new Map([
  // A claim that storage swallowed is counted as a presentation by all but the tab that made it.
  ['8: a session was lost: interrupted, the outcome refused by storage', [151, 300, 394]],
  // Tokens that storage refused are put there later with the record as it was when they came.
  ['6: a field of a newer version was lost', [190, 296]],
  // A doubt, and a rejection, are forgotten when the database is deleted while they are to be written.
  ["1: a token in doubt was presented again under lostAnswer 'end'", []],
  ['1: a token in doubt was presented again more often than lostAnswer permits', []],
  ['1: a rejected token was presented again', []],
  ['5: a signed-out epoch was put back', [105]],
  // A rotation of an epoch that this tab has left is dropped although storage, which refused the new one, still has it.
  ['1: a spent token was presented again although its answer arrived', [1105]],
  // The wall clock alone cannot tell how long ago it was once it has been set back.
  ['1: a token in doubt was presented again later than lostAnswer permits', [4341]],
  // Not understood yet: a probe, a claim that storage swallowed, and two tabs that thaw together.
  ["1: a token in doubt was presented again under 'probe' too early", [123]],
  // A sign-in that storage refused, with the clock set back, against one made since.
  ['6: a replaced epoch was written again', [2607]],
  // What a rotation brings inside its leeway is sent all the same, once: else a slow server would starve requests.
  ['7: a token known to be dead was sent', [3087]],
  ['7: a token known to be dead was sent after a refusal', [219]],
  ['7: a token known to be dead was handed out', [7428, 7653]],
  // A doubt from before the sleep that `within` forbids to resolve after it.
  ['13: the first request after a long sleep failed', [7857, 8020]],
  // A sign-in that storage refused gives way to an older record that this tab had not seen.
  ['8: a tab ended as replaced without a cause', [34, 192, 432, 454]],
  // A clock that jumps ahead reaches the refresh token's end before the server does.
  ['8: the record ended as expired without a cause', [14, 92, 111]],
  ['8: a tab ended as expired without a cause', [134, 736]],
]);

/** Seeds that once showed what is mended by now. */
export const MENDED: readonly number[] = [
  25, 35, 272, 1375, 1484, 1953, 2007, 2195, 2511, 3436, 3755, 3884, 8, 74, 173, 599,
];

function nameOf({ invariant, kind }: Violation): string {
  return `${invariant}: ${kind}`;
}

export function isKnown(violation: Violation): boolean {
  return OPEN.has(nameOf(violation));
}
