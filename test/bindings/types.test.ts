import { expect, expectTypeOf, test } from 'vitest';
import { createElement } from 'react';
import { createApp, type ShallowRef } from 'vue';
import { SessionGuard, SessionProvider, useSession } from '../../src/bindings/react.ts';
import { sessionPlugin, useSession as useVueSession } from '../../src/bindings/vue.ts';
import type { Session, SessionState } from '../../src/core/types.ts';
import { stagedSession } from './staged-session.ts';

// They are compiled, and never called.
const inReact = () => {
  expectTypeOf(useSession()).toEqualTypeOf<SessionState>();
  expectTypeOf(useSession((state) => state.status === 'restoring')).toEqualTypeOf<boolean>();
  expectTypeOf(useSession((_, session) => session.end)).toEqualTypeOf<Session['end']>();
  // @ts-expect-error Only somebody who is signed in has a name: look at the status first.
  useSession((state) => state.user);
  // @ts-expect-error What the hook returns is the state, not the session.
  void useSession().fetch('/api/orders');
  // @ts-expect-error The session is the second of the two.
  useSession((session) => session.end);
  // @ts-expect-error The state is replaced, never written to.
  useSession().status = 'absent';
};

const elements = ({ session }: { readonly session: Session }) => {
  createElement(SessionProvider, { session }, 'page');
  // @ts-expect-error Without a session there is nothing to provide.
  createElement(SessionProvider, {}, 'page');
  // @ts-expect-error The state of a session is not the session.
  createElement(SessionProvider, { session: session.state }, 'page');
  createElement(SessionGuard, {
    signedOut: (state) => {
      expectTypeOf(state.status).toEqualTypeOf<'absent' | 'ended'>();
      // @ts-expect-error Whoever never was signed in has no reason to be out.
      return state.reason;
    },
  });
  // @ts-expect-error While the record is read there is nothing to tell.
  createElement(SessionGuard, { restoring: (state) => state.status });
};

const inVue = ({ session }: { readonly session: Session }) => {
  const app = createApp({});
  app.use(sessionPlugin, session);
  // @ts-expect-error Without a session there is nothing to give.
  app.use(sessionPlugin);
  // @ts-expect-error The options of a session are not the session.
  app.use(sessionPlugin, { resources: ['/api/'] });
  const { state, fetch } = useVueSession();
  expectTypeOf(state).toEqualTypeOf<Readonly<ShallowRef<SessionState>>>();
  expectTypeOf(fetch).toEqualTypeOf<typeof globalThis.fetch>();
  // @ts-expect-error The state is a ref.
  void state.status;
  // @ts-expect-error Only the session changes its state.
  state.value = { status: 'absent' };
  // @ts-expect-error The state is replaced, never written to.
  state.value.status = 'absent';
};

test('misuse of the bindings does not compile', () => {
  expect([inReact, elements, inVue].map((uses) => uses.length)).toEqual([0, 1, 1]);
  expectTypeOf(stagedSession().session).toEqualTypeOf<Session>();
});
