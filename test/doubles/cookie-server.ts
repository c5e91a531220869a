/** A token server that keeps its tokens in cookies: what it is told of an end, and rotations that are answered when they are let. */
import { expect } from 'vitest';
import type { ServerContext, Session, SessionOptions, TokenServer, Tokens } from '../../src/core/types.ts';
import { createWorld, settle, type World } from './world.ts';

export interface CookieWorld extends World {
  readonly session: Session;
  /** When it was told of an end, in milliseconds since the sign-in, and whether the refresh token was to be left alone. */
  readonly told: { readonly at: number; readonly isSpent: ServerContext['isSpent'] }[];
  /** Answers the rotation that is in flight. */
  readonly answer: () => Promise<void>;
  /** Opens one more tab, and waits until it has read the record. */
  readonly openTab: (ports?: Parameters<World['open']>[1], options?: Partial<SessionOptions>) => Promise<Session>;
}

/** A session of one tab, signed in. `keepalive`: false for a server whose tokens are no cookies. */
export async function signedInWithCookies(tokens: Tokens, keepalive = true): Promise<CookieWorld> {
  const world = createWorld();
  const begun = world.clock.now();
  const told: CookieWorld['told'] = [];
  let answer = (): void => {};
  const server: TokenServer = {
    endpoints: [],
    keepalive,
    readTokens: () => tokens,
    rotate: async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { outcome: 'rotated', tokens };
    },
    attach: () => ({ headers: {} }),
    isRefusal: () => false,
    revoke: async (_, { isSpent }) => void told.push({ at: world.clock.now() - begun, isSpent }),
  };
  const openTab: CookieWorld['openTab'] = async (ports, options) => {
    const tab = world.open({ server, keepAlive: 'demand', ...options }, ports);
    await tab.ready;
    return tab;
  };
  const session = await openTab();
  await session.start({});
  expect(session.state.status).toBe('active');
  return {
    ...world,
    session,
    told,
    openTab,
    answer: async () => {
      answer();
      await settle();
    },
  };
}
