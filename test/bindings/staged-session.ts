/** A session whose state a test sets: what happens to it goes through the real reducer, and nothing else is there. */
import { openInert } from '../../src/core/inert.ts';
import { createStore, type StateEvent } from '../../src/core/state.ts';
import type { Session } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';

export interface StagedSession {
  readonly session: Session;
  /** Somebody signs in, or the tokens are rotated: the generation tells. */
  readonly hold: (generation: number, user?: string) => void;
  /** The token is dead, or the server is out of reach. */
  readonly lose: (generation: number) => void;
  /** The record was read, and nothing is in it. */
  readonly findNothing: () => void;
  readonly end: () => void;
  /** How many listen to the state. */
  readonly listeners: () => number;
}

const options = { server: oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }) };

/** Begins as a page does: `restoring`. */
export function stagedSession(): StagedSession {
  let listeners = 0;
  const store = createStore(reportError, () => {});
  const tell = (event: StateEvent) => store.dispatch(event);
  const session: Session = {
    ...openInert(options, fetch.bind(globalThis)),
    subscribe: (listener) => {
      const undo = store.subscribe(listener);
      let isUndone = false;
      listeners += 1;
      return () => {
        if (!isUndone) listeners -= 1;
        isUndone = true;
        undo();
      };
    },
    get state() {
      return store.get();
    },
  };
  return {
    session,
    hold: (generation, user) => tell({ type: 'held', live: { generation, user }, isDead: false }),
    lose: (generation) => tell({ type: 'held', live: { generation }, isDead: true }),
    findNothing: () => tell({ type: 'nothing-stored' }),
    end: () => tell({ type: 'ended', reason: 'signed-out' }),
    listeners: () => listeners,
  };
}
