/** The browser's network: native fetch as it was when the session was made. */
import type { Network } from '../core/ports.ts';

/** Captures fetch now, so that patching the global one later cannot make the session call itself. */
export function browserNetwork(): Network {
  // Where it is patched already: what lies under the patch, or one session's requests would wait for another's.
  const native = Reflect.get(globalThis, Symbol.for('holdfast/fetch')) as typeof fetch | undefined;
  return {
    fetch: (native ?? fetch).bind(globalThis),
    // Only false is an answer: where the property is missing or wrong, sending is how to find out.
    isOnline: () => navigator.onLine !== false,
  };
}
