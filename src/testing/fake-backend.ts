/** The backend that a token server is checked with, as whoever wrote the server describes it. */
import type { ServerContext } from '../core/types.ts';
import { requestOf } from './fake-network.ts';

/** A backend in memory: what it answers, and nothing of how it works. */
export interface FakeBackend {
  /** A login's token response, with tokens of its own each time. */
  readonly login: () => unknown;
  /** Answers what the server sends, as the real one would: a refresh token that works once works once here as well. */
  readonly answer: (request: Request) => Response | Promise<Response>;
  /** How it says that it does not know the refresh token. Default: 400 with `{"error": "invalid_grant"}`. */
  readonly rejection?: () => Response;
  /** How its API says that the access token is not valid. Default: 401. */
  readonly refusal?: () => Response;
  /** URL of its API. Default: a path at the origin of the server's first endpoint. */
  readonly resource?: string;
}

/** The page's address, for URLs that are relative to it. */
const PAGE = 'https://app.example.com/';

/** A URL in full. */
export function fullUrl(url: string): URL {
  return new URL(url, PAGE);
}

/** What a call of the server is given, and what it sent with it. */
export interface Call {
  readonly context: ServerContext;
  readonly sent: Request[];
}

/** @param answer What comes back, whatever is sent. What it throws is a network that failed. */
export function createCall(answer: FakeBackend['answer']): Call {
  const sent: Request[] = [];
  return {
    sent,
    context: {
      signal: new AbortController().signal,
      now: () => Date.now(),
      fetch: async (input, init) => {
        const request = requestOf(input, init, PAGE);
        sent.push(request.clone());
        return answer(request);
      },
    },
  };
}
