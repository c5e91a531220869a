/** Data that is asked for now, again every so often, and when somebody comes back to the tab. */
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue';

/** What came, and what did not. */
export interface Polled<Data> {
  /** The last answer. Absent: none yet. */
  readonly data: Readonly<ShallowRef<Data | undefined>>;
  /** Why the newest answer is missing. Absent: it is not. */
  readonly error: Readonly<ShallowRef<Error | undefined>>;
  /** Asks now. Never rejects. */
  readonly reload: () => Promise<void>;
  /** Puts what is known better than by asking. */
  readonly put: (data: Data) => void;
}

const PERIOD = 15_000;

/** Lives as long as the scope that it is made in. */
export function usePolled<Data>(load: (signal: AbortSignal) => Promise<Data>): Polled<Data> {
  const data = shallowRef<Data>();
  const error = shallowRef<Error>();
  let flight = new AbortController();

  const reload = async (): Promise<void> => {
    flight.abort();
    const { signal } = (flight = new AbortController());
    try {
      const answer = await load(signal);
      // A later one is on its way, or nobody looks any more.
      if (signal.aborted) return;
      data.value = answer;
      error.value = undefined;
    } catch (reason) {
      if (!signal.aborted) error.value = reason instanceof Error ? reason : new Error(String(reason));
    }
  };
  const look = (): void => {
    if (document.visibilityState === 'visible') void reload();
  };

  const timer = setInterval(look, PERIOD);
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
  onScopeDispose(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
    removeEventListener('online', look);
    flight.abort();
  });
  void reload();

  return {
    data,
    error,
    reload,
    put: (known) => {
      flight.abort();
      data.value = known;
      error.value = undefined;
    },
  };
}
