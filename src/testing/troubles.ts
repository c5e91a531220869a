/** Answers that mean the same whoever gives them, and what a rotation may take them for. */
import type { RotationOutcome } from '../core/types.ts';

type Outcome = RotationOutcome['outcome'];

/** A bad day of the backend's. */
export interface Trouble {
  readonly name: string;
  /** The beginning of a sentence. */
  readonly description: string;
  readonly answer: () => Response;
  readonly may: readonly Outcome[];
}

/** Stands in every answer, and must not stand in what is made of them. */
export const CANARY = 'holdfast-canary';

/** Nobody can say whether the refresh token was used. */
const UNKNOWN: readonly Outcome[] = ['unknown', 'held-back'];

const page = (status: number) => () =>
  new Response(`<h1>${CANARY}</h1>`, { status, headers: { 'content-type': 'text/html' } });

const fails = (error: () => Error) => () => {
  throw error();
};

/** All of them. */
export const troubles: readonly Trouble[] = [
  {
    name: 'network',
    description: 'A network that fails',
    answer: fails(() => new TypeError(CANARY)),
    may: UNKNOWN,
  },
  {
    name: 'timeout',
    description: 'A request that is aborted',
    answer: fails(() => new DOMException(CANARY, 'AbortError')),
    may: UNKNOWN,
  },
  { name: '500', description: 'A 500', answer: page(500), may: UNKNOWN },
  { name: '502', description: 'The 502 of a proxy', answer: page(502), may: UNKNOWN },
  { name: '503', description: 'A 503', answer: page(503), may: UNKNOWN },
  { name: '408', description: 'A 408', answer: page(408), may: UNKNOWN },
  { name: '429', description: 'A 429', answer: page(429), may: UNKNOWN },
  { name: 'page', description: 'A page with status 200, as captive portals send it,', answer: page(200), may: UNKNOWN },
  {
    name: 'cut',
    description: 'An answer that is cut',
    answer: () => new Response(`{"${CANARY}":`),
    may: UNKNOWN,
  },
  { name: 'nothing', description: 'A 200 with nothing in it', answer: () => new Response(null), may: UNKNOWN },
  {
    name: '404',
    description: 'The 404 of a wrong address',
    answer: page(404),
    may: [...UNKNOWN, 'misconfigured'],
  },
];
