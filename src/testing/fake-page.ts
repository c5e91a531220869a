/** The page and its user, in all tabs alike. */
import type { Activity, Clock } from '../core/ports.ts';

/** What the tabs show, and to whom. */
export interface FakePage {
  /** The page's base URL, which relative URLs are resolved against. */
  url: string;
  /** Whether the user sees it. Becoming visible is a return to the page. Default `true`. */
  isVisible: boolean;
  /** The user returns to the page: to its window, from the back/forward cache, from a break. */
  readonly comeBack: () => void;
}

/** A page that is seen. */
export function fakePage(url: string, clock: Clock): { readonly face: FakePage; readonly activity: Activity } {
  const listeners = new Set<() => void>();
  let isVisible = true;
  let lastInput = 0;
  const face: FakePage = {
    url,
    get isVisible() {
      return isVisible;
    },
    set isVisible(next) {
      isVisible = next;
      if (next) face.comeBack();
    },
    comeBack: () => {
      for (const listener of [...listeners]) listener();
    },
  };
  return {
    face,
    activity: {
      isVisible: () => isVisible,
      lastInput: () => lastInput,
      touch: () => {
        lastInput = clock.monotonic();
      },
      onReturn: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}
