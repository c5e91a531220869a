/** A network with one server at its other end. */
import { unlessAborted } from '../core/leaving.ts';
import type { Network } from '../core/ports.ts';
import { watchBody } from './watched-body.ts';

/** The way to the server. */
export interface FakeNetwork {
  /** Whether the browser is online. Coming online is an event in all tabs, as in a browser. Default `true`. */
  isOnline: boolean;
  /** Native fetch, as the tabs have it: without a token, relative to the page. */
  readonly fetch: typeof globalThis.fetch;
}

/** What stands at its other end. */
export interface FakeNetworkOptions {
  readonly answer: (request: Request) => Response | Promise<Response>;
  /** What URLs are relative to. */
  readonly base: () => string;
  readonly onOnline: () => void;
}

/** A network that is there or not. */
export function fakeNetwork({ answer, base, onOnline }: FakeNetworkOptions): {
  readonly face: FakeNetwork;
  readonly port: Network;
} {
  let isOnline = true;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = requestOf(input, init, base());
    const signal = init?.signal ?? request.signal;
    signal.throwIfAborted();
    if (!isOnline) throw new TypeError('The browser is offline.');
    return watchBody(await unlessAborted(Promise.resolve(answer(request)), signal));
  };
  return {
    port: { fetch, isOnline: () => isOnline },
    face: {
      fetch,
      get isOnline() {
        return isOnline;
      },
      set isOnline(next) {
        isOnline = next;
        if (next) onOnline();
      },
    },
  };
}

/** The request that a call of fetch means. */
export function requestOf(input: RequestInfo | URL, init: RequestInit | undefined, base: string): Request {
  return new Request(typeof input === 'object' && 'url' in input ? input : new URL(String(input), base), init);
}
