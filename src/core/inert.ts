/** The session where there is no page, as on a server: it knows nobody, and its requests go out as they came. */
import { SessionEndedError } from './errors.ts';
import { readOptions } from './options.ts';
import { createScope } from './scope.ts';
import type { Session, SessionOptions, SessionState } from './types.ts';

/** What relative URLs are checked against. */
const NOWHERE = 'https://server.invalid';

/** What a page begins with as well: what a server renders by it, the page takes over. */
const state: SessionState = Object.freeze({ status: 'restoring' });

/** `fetch`: native fetch, bound. @throws TypeError as in a page, but for what only the page's own address can tell. */
export function openInert(given: SessionOptions, fetch: Session['fetch']): Session {
  createScope({ ...readOptions(given, NOWHERE), page: { base: () => NOWHERE, origin: undefined } });
  const ready = Promise.resolve();
  const nothing = (): void => {};
  const listen = () => nothing;
  const refuse = () => Promise.reject(new SessionEndedError('no-page'));
  return {
    start: refuse,
    fetch,
    token: refuse,
    rotate: refuse,
    end: () => ready,
    touch: nothing,
    on: listen,
    subscribe: listen,
    state,
    // What waits for it before it renders would wait for ever.
    ready,
    inspect: () => ({ state, tab: '', role: 'follower', waiting: 0, failures: 0, skew: 0, missing: ['document'] }),
    dispose: nothing,
  };
}
