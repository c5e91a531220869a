/** What the library's own patches need of a session and nobody else is to see: the parts of its `fetch`. */
import type { FetchOptions } from './fetch.ts';
import type { Session } from './types.ts';

const insides = new WeakMap<Session['fetch'], FetchOptions>();

/** Remembers them by the function, which stays the same however the session is handed around. */
export function keepInsides(fetch: Session['fetch'], parts: FetchOptions): Session['fetch'] {
  insides.set(fetch, parts);
  return fetch;
}

/** @throws TypeError when another copy of the library made the session. */
export function insidesOf(session: Session): FetchOptions {
  const parts = insides.get(session.fetch);
  if (parts === undefined)
    throw new TypeError('The session must come from createSession of the same copy of holdfast.');
  return parts;
}
