/** Tabs that hear each other in the next turn, and answer what they are asked. */
import type { Clock, Message, Tabs, Wanted } from '../../src/core/ports.ts';
import { settle } from './manual-clock.ts';

/** A tab that nothing reaches. */
export const deafTabs: Tabs = {
  announce: () => {},
  hear: () => () => {},
  isLeader: () => false,
  ask: async () => undefined,
  answer: () => () => {},
};

/** How long a question stands. */
const ASK_TIME = 1_000;

/** Makes the tabs of one machine; the first to come leads. */
export function joinedTabs(clock: Clock): () => Tabs {
  const ears = new Map<Tabs, (message: Message) => void>();
  const answerers = new Map<Tabs, (wanted: Wanted) => string | undefined>();
  let leader: Tabs | undefined;
  return () => {
    const others = <Value>(all: ReadonlyMap<Tabs, Value>) =>
      [...all].flatMap(([tab, each]) => (tab === own ? [] : each));
    const own: Tabs = {
      announce: (message) => {
        for (const listener of others(ears)) void settle().then(() => listener(message));
      },
      hear: (listener) => {
        ears.set(own, listener);
        return () => void ears.delete(own);
      },
      isLeader: () => own === leader,
      ask: (wanted) =>
        new Promise((resolve) => {
          clock.wake(clock.now() + ASK_TIME, () => resolve(undefined));
          for (const find of others(answerers))
            void settle().then(() => {
              const text = find(wanted);
              if (text !== undefined) resolve(text);
            });
        }),
      answer: (find) => {
        answerers.set(own, find);
        return () => void answerers.delete(own);
      },
    };
    leader ??= own;
    return own;
  };
}
