/** The page's own fetch, carrying the session's token. */
import { createFetch } from '../core/fetch.ts';
import { insidesOf } from '../core/insides.ts';
import type { Session, Undo } from '../core/types.ts';
import { layFor } from './patch-owners.ts';
import { replaceProperties } from './patch-properties.ts';

/**
 * Lets `globalThis.fetch` do what `session.fetch` does, for code that cannot be given a fetch of its own. What lay
 * there before is called for the network: native fetch, or whatever wrapper was laid earlier.
 *
 * Called again with the same session it counts one owner more. The undo of the last puts the property back exactly
 * as it was. Where somebody has laid a wrapper over it meanwhile, theirs stays, and ours under it only passes on.
 * On a server it does nothing.
 *
 * @example
 * const undo = patchFetch(session);
 * await fetch('/api/orders'); // carries the token
 * undo();
 *
 * @throws TypeError when it is laid already, for another session or by another copy of the library.
 */
export function patchFetch(session: Session): Undo {
  if (typeof document === 'undefined') return () => {};
  const insides = insidesOf(session);
  return layFor(session, 'fetch', () => {
    const native = globalThis.fetch;
    const network = { ...insides.network, fetch: native.bind(globalThis) };
    const carry = createFetch({ ...insides, network });
    let isLaid = true;
    const restore = replaceProperties(globalThis, {
      // A rest parameter keeps `length` at 1, as native fetch has it.
      fetch(this: unknown, input: RequestInfo | URL, ...rest: [init?: RequestInit]): Promise<Response> {
        // What native fetch refuses, it is to refuse itself.
        const isOdd = arguments.length === 0 || (this !== undefined && this !== null && this !== globalThis);
        if (isLaid && !isOdd) return carry(input, ...rest);
        return Reflect.apply(native, this, arguments) as Promise<Response>;
      },
    });
    return {
      native,
      undo: () => {
        isLaid = false;
        restore();
      },
    };
  });
}
