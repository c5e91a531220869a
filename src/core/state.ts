/** The state that an app sees: a reducer over what happens, and a store that tells it. */
import type { EndReason, LiveState, SessionState, Undo } from './types.ts';

export type StateEvent =
  | { readonly type: 'nothing-stored' }
  | { readonly type: 'held'; readonly live: LiveState; readonly isDead: boolean; readonly retryAt?: number | undefined }
  | { readonly type: 'ended'; readonly reason: EndReason };

/** The next state; the same object when nothing changed. */
export function transition(state: SessionState, event: StateEvent): SessionState {
  const next = follow(state, event);
  return isSame(state, next) ? state : next;
}

function follow(state: SessionState, event: StateEvent): SessionState {
  switch (event.type) {
    case 'nothing-stored':
      return state.status === 'restoring' ? { status: 'absent' } : state;
    case 'held':
      return event.isDead || event.retryAt !== undefined
        ? { status: 'stale', retryAt: event.retryAt, ...event.live }
        : { status: 'active', ...event.live };
    case 'ended':
      return { status: 'ended', reason: event.reason };
  }
}

function isSame(before: SessionState, after: SessionState): boolean {
  const names = Object.keys(before);
  return (
    names.length === Object.keys(after).length &&
    names.every((name) => Object.hasOwn(after, name) && Reflect.get(before, name) === Reflect.get(after, name))
  );
}

/** Holds the state and tells of changes. What a listener throws goes to `report`; the others still run. */
export interface Store {
  readonly get: () => SessionState;
  readonly dispatch: (event: StateEvent) => void;
  readonly subscribe: (listener: () => void) => Undo;
  /** Forgets all listeners. */
  readonly clear: () => void;
}

export function createStore(
  report: (error: unknown) => void,
  onChange: (before: SessionState, after: SessionState) => void,
): Store {
  let state: SessionState = { status: 'restoring' };
  const listeners = new Set<{ readonly listener: () => void }>();
  return {
    get: () => state,
    dispatch: (event) => {
      const before = state;
      state = transition(before, event);
      if (state === before) return;
      onChange(before, state);
      for (const { listener } of [...listeners]) callSafely(listener, undefined, report);
    },
    subscribe: (listener) => {
      const entry = { listener }; // The same function may be subscribed twice, and each undo removes its own.
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    clear: () => listeners.clear(),
  };
}

/** Why there is no session. */
export function reasonOf(state: SessionState): EndReason | 'absent' {
  return state.status === 'ended' ? state.reason : 'absent';
}

/** Calls somebody else's function without letting what it throws disturb us. */
export function callSafely<Value>(
  listener: (value: Value) => void,
  value: Value,
  report: (error: unknown) => void,
): void {
  try {
    listener(value);
  } catch (error) {
    report(error);
  }
}
