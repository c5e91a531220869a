/** Abort signals, and requests, as much of them as the core uses: Node's own cost a tenth of the whole simulation. */

type Listener = (event: Event) => void;

/** The platform makes both anew each time, for a hundredth of a run: nobody looks at more than the name. */
const ABORTED = new DOMException('This operation was aborted.', 'AbortError');
const EVENT = new Event('abort');

function createController() {
  const listeners = new Set<Listener>();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_: string, listener: Listener) => void listeners.add(listener),
    removeEventListener: (_: string, listener: Listener) => void listeners.delete(listener),
    throwIfAborted: () => {
      if (signal.aborted) throw signal.reason;
    },
  };
  return {
    signal,
    abort: (reason: unknown = ABORTED) => {
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason;
      for (const listener of [...listeners]) listener(EVENT);
      listeners.clear();
    },
  };
}

/** Puts them in place of the platform's, in this thread, for good. */
export function useLightSignals(): void {
  // An arrow function cannot be called with `new`.
  Reflect.set(globalThis, 'AbortController', function AbortController() {
    return createController();
  });
  // The core has each waiting request judged by one: Node's would take no such signal.
  Reflect.set(globalThis, 'Request', function Request() {});
}
