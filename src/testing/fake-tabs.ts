/** Tabs that hear each other in the next turn, and answer what they are asked. */
import type { Clock, Message, Tabs, Wanted } from '../core/ports.ts';
import type { Undo } from '../core/types.ts';
import { nextTurn } from './settle.ts';

/** What passes between the tabs of one machine. */
export interface FakeTabs {
  /** No message reaches another tab while it is set: what has happened is found out when the user comes back to it. Default `false`. */
  areDeaf: boolean;
}

/** Tabs that can be joined by more. */
export interface JoinedTabs extends FakeTabs {
  /** Joins one more. The first of those that are there leads. */
  readonly join: () => JoinedTab;
}

/** One of them. */
export interface JoinedTab extends Tabs {
  /** Closes it. */
  readonly leave: Undo;
}

/** How long a question stands, in milliseconds. */
const ASK_TIME = 1_000;

/** The tabs of one machine. */
export function joinedTabs(clock: Clock): JoinedTabs {
  const tabs = new Set<Tabs>();
  const ears = new Map<Tabs, (message: Message) => void>();
  const answerers = new Map<Tabs, (wanted: Wanted) => string | undefined>();
  const joined: JoinedTabs = { areDeaf: false, join };
  return joined;

  function join(): JoinedTab {
    const reach = <Value>(all: ReadonlyMap<Tabs, Value>, task: (each: Value) => void): void => {
      if (joined.areDeaf) return;
      for (const tab of all.keys()) {
        if (tab === own) continue;
        // Who has left by then does not hear it.
        void nextTurn().then(() => {
          const each = all.get(tab);
          if (each !== undefined) task(each);
        });
      }
    };
    const own: JoinedTab = {
      announce: (message) => reach(ears, (listener) => listener(message)),
      hear: (listener) => {
        ears.set(own, listener);
        return () => void ears.delete(own);
      },
      isLeader: () => {
        const [first] = tabs;
        return own === first;
      },
      ask: (wanted) =>
        new Promise((resolve) => {
          clock.wake(clock.now() + ASK_TIME, () => resolve(undefined));
          reach(answerers, (find) => {
            const text = find(wanted);
            if (text !== undefined) resolve(text);
          });
        }),
      answer: (find) => {
        answerers.set(own, find);
        return () => void answerers.delete(own);
      },
      leave: () => void tabs.delete(own),
    };
    tabs.add(own);
    return own;
  }
}
