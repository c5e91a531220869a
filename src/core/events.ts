/** The session's events: who listens to what. */
import { callSafely } from './state.ts';
import type { SessionEvents, Undo } from './types.ts';

type Listeners = {
  readonly [Type in keyof SessionEvents]: Set<{ readonly listener: (event: SessionEvents[Type]) => void }>;
};

export interface Events {
  readonly on: <Type extends keyof SessionEvents>(
    type: Type,
    listener: (event: SessionEvents[Type]) => void,
    options?: { readonly signal?: AbortSignal },
  ) => Undo;
  /** Forgets all listeners. */
  readonly clear: () => void;
  readonly emit: <Type extends keyof SessionEvents>(type: Type, event: SessionEvents[Type]) => void;
}

export function createEvents(report: (error: unknown) => void): Events {
  const listeners: Listeners = {
    started: new Set(),
    rotated: new Set(),
    stale: new Set(),
    recovered: new Set(),
    warning: new Set(),
    ended: new Set(),
  };
  return {
    on: (type, listener, { signal } = {}) => {
      if (!Object.hasOwn(listeners, type))
        throw new TypeError(`There is no event of the name ${JSON.stringify(type)}.`);
      const entry = { listener };
      const undo = () => {
        listeners[type].delete(entry);
        signal?.removeEventListener('abort', undo);
      };
      if (signal?.aborted) return undo;
      listeners[type].add(entry);
      signal?.addEventListener('abort', undo);
      return undo;
    },
    clear: () => {
      for (const each of Object.values(listeners)) each.clear();
    },
    emit: (type, event) => {
      for (const { listener } of [...listeners[type]]) callSafely(listener, event, report);
    },
  };
}
