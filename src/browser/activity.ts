/** The page and its user: whether it is visible, when it was last used, when it returns. */
import type { Activity } from '../core/ports.ts';
import { report } from './report.ts';

/** Milliseconds without input after which the next counts as the user's return. */
const PAUSE = 5_000;

/** Watches the page from the first subscriber to the last. Input is only noticed in between. */
export function pageActivity(): Activity {
  const listeners = new Set<() => void>();
  // The time origin: opening the page was the user's doing.
  let lastInput = 0;
  let detach = (): void => {};

  const isVisible = (): boolean => document.visibilityState === 'visible';
  const touch = (): void => {
    lastInput = performance.now();
  };
  /** After a while without any, the first input is the user's return. */
  const onInput = (): void => {
    const hasReturned = performance.now() - lastInput > PAUSE;
    touch();
    if (hasReturned) tell();
  };
  const tell = (): void => {
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  };

  const attach = (): void => {
    let seen = 0;
    // A return fires several events in one task. The first is told at once, so that what the app sends in its own
    // listener already knows; the rest once, after the task, because only then does all of the page's state agree.
    // A message ends the task: hidden pages' timers come up to a minute late.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const again = seen > 1;
      seen = 0;
      if (again) tell();
    };
    const onReturn = (): void => {
      seen += 1;
      if (seen > 1) return;
      port2.postMessage(0);
      tell();
    };

    const controller = new AbortController();
    const { signal } = controller;
    const input = { capture: true, passive: true, signal };
    addEventListener('keydown', onInput, input);
    addEventListener('pointerdown', onInput, input);
    addEventListener('online', onReturn, { signal });
    addEventListener('focus', onReturn, { signal });
    addEventListener('pageshow', (event) => event.persisted && onReturn(), { signal });
    document.addEventListener('visibilitychange', () => isVisible() && onReturn(), { signal });
    document.addEventListener('resume', onReturn, { signal });
    detach = () => {
      controller.abort();
      port1.close();
    };
  };

  return {
    isVisible,
    lastInput: () => lastInput,
    touch,
    onReturn: (listener) => {
      // Wrapped, so that two subscriptions of the same function are two.
      const subscription = (): void => listener();
      if (listeners.size === 0) attach();
      listeners.add(subscription);
      return () => {
        if (listeners.delete(subscription) && listeners.size === 0) detach();
      };
    },
  };
}
