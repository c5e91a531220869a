/** What is known to break, with seeds that show it. A kind that stands here is reported, and does not fail the tests. */
import type { Violation } from './referee.ts';

/** By name of the violation, as of 8e3b7c6. Whoever mends one takes its line away and adds its seeds below. */
const OPEN: ReadonlyMap<string, readonly number[]> = new Map([
  // Storage refuses a commit, the lock is let go, and the next tab presents the spent token.
  ['1: a spent token was presented again while another tab holds its successor in memory', [8, 74, 100, 159]],
  // A rotation of an epoch that this tab has left is dropped although the record still lives.
  ['1: a spent token was presented again although its answer arrived', [1105]],
  // The wall clock alone cannot tell how long ago it was once it has been set back.
  ['1: a token in doubt was presented again later than lostAnswer permits', [4341]],
  // The queue's alarm compares wall-clock instants from before and after the clock was set back.
  ["3: a fetch waits longer than the queue's timeout", [599, 688, 801]],
  ["3: a token waits longer than the queue's timeout", [173, 2306]],
  // Tokens of a rotation that are stored late overwrite a later sign-in.
  ['6: a replaced epoch was written again', [2607, 4137, 5467]],
  // A token that was served dies while the record is read again, or while its tab is frozen.
  ['7: a token known to be dead was sent', [3087, 5040]],
  // A sign-in that storage refused gives way to an older record that this tab had not seen.
  ['8: a tab ended as replaced without a cause', [34, 432, 454]],
  // A clock that jumps ahead reaches the refresh token's end before the server does.
  ['8: the record ended as expired without a cause', [44, 92, 111]],
  ['8: a tab ended as expired without a cause', [134, 736]],
]);

/** Seeds that once showed what is mended by now. */
export const MENDED: readonly number[] = [25, 35, 272, 1375, 1484, 1953, 2007, 2195, 2511, 3436, 3755, 3884];

function nameOf({ invariant, kind }: Violation): string {
  return `${invariant}: ${kind}`;
}

export function isKnown(violation: Violation): boolean {
  return OPEN.has(nameOf(violation));
}
