/** What a token server is given for a rotation: records what it sends, and answers. */
import type { ServerContext } from '../../src/core/types.ts';
import { answerText } from './answers.ts';

export interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** `now`: epoch milliseconds. */
export function recordingContext(answer: () => Response = () => new Response(answerText()), now = 0) {
  const sent: Sent[] = [];
  const context: ServerContext = {
    signal: new AbortController().signal,
    now: () => now,
    fetch: async (input, init = {}) => {
      sent.push({ url: String(input), init });
      return answer();
    },
  };
  return { context, sent };
}

/** The members of a form that was sent. */
export const formOf = ({ init: { body } }: Sent): [string, string][] =>
  body instanceof URLSearchParams ? [...body] : [];
