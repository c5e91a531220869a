/** The session in Vue: a plugin that takes it, a composable that gives it back with a reactive state. */
import {
  customRef,
  getCurrentInstance,
  getCurrentScope,
  inject,
  type InjectionKey,
  onMounted,
  onScopeDispose,
  type Plugin,
  type ShallowRef,
} from 'vue';
import type { Session, SessionState } from '../core/types.ts';

/** What a server rendered. */
const RESTORING: SessionState = Object.freeze({ status: 'restoring' });

const KEY: InjectionKey<Session> = Symbol('holdfast');

/**
 * Gives the session to all components of the app. It neither starts nor disposes anything.
 *
 * @example
 * createApp(App).use(sessionPlugin, session).mount('#app');
 */
export const sessionPlugin: Plugin<[session: Session]> = {
  install: (app, session) => {
    app.provide(KEY, session);
  },
};

/** The session as {@link useSession} gives it: the same members, and the state as a ref. */
export interface VueSession extends Omit<Session, 'state'> {
  /** The state as it is now. Whatever reads it runs again when it changes; it is replaced, and never written to. */
  readonly state: Readonly<ShallowRef<SessionState>>;
}

/**
 * Gives the app's session, with its state as a shallow ref that nobody can write to. Works in `setup`, and in any effect
 * scope inside `app.runWithContext`; listens until that scope is disposed. Outside any scope, as in a router's guard,
 * `state.value` is right whenever it is read, but nothing runs again.
 *
 * On a server, and while a page hydrates what a server rendered, the state is `restoring`.
 *
 * @throws TypeError when {@link sessionPlugin} was not installed, or there is no app to ask.
 *
 * @example
 * const { state, fetch, end } = useSession();
 * const user = computed(() => (state.value.status === 'active' ? state.value.user : undefined));
 */
export function useSession(): VueSession {
  const session = inject(KEY, undefined);
  if (!session) {
    throw new TypeError(
      'useSession found no session: call app.use(sessionPlugin, session) first, and useSession in setup() or app.runWithContext().',
    );
  }
  // Vue gives a component an element of the page before its setup only where it hydrates what it finds there.
  let isHydrating = Boolean(getCurrentInstance()?.vnode.el?.['parentNode']);
  const state = customRef<SessionState>((track, trigger) => {
    if (isHydrating) {
      onMounted(() => {
        isHydrating = false;
        trigger();
      });
    }
    if (getCurrentScope()) onScopeDispose(session.subscribe(trigger));
    return {
      get: () => {
        track();
        return isHydrating ? RESTORING : session.state;
      },
      set: () => {},
    };
  });
  return { ...session, state };
}
