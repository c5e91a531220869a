/** The session in React: a context that carries it, a hook that reads it, a guard for what only a signed-in user may see. */
'use client';

import {
  createContext,
  createElement,
  Fragment,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { Session, SessionState } from '../core/types.ts';

/** What a server renders, and a page while it hydrates that. */
const RESTORING: SessionState = Object.freeze({ status: 'restoring' });

const SessionContext = createContext<Session | undefined>(undefined);

/** What {@link SessionProvider} takes. */
export interface SessionProviderProps {
  /** The one that `createSession` made: at the app's start, not in a component. */
  readonly session: Session;
  readonly children?: ReactNode;
}

/**
 * Gives the session to all below it. It neither starts nor disposes anything, so it may be mounted as often as you like.
 *
 * @example
 * createRoot(root).render(
 *   <SessionProvider session={session}>
 *     <App />
 *   </SessionProvider>,
 * );
 */
export function SessionProvider({ children, session }: SessionProviderProps): ReactNode {
  return createElement(SessionContext.Provider, { value: session }, children);
}

/**
 * Reads the state of the session, and renders again when it changes. What it returns is immutable, never the session
 * itself: whatever compares by identity, as `memo` and the React Compiler do, sees each change.
 *
 * On a server, and while a page hydrates what a server rendered, the state is `restoring`.
 *
 * @throws TypeError when there is no {@link SessionProvider} above.
 *
 * @example
 * const { status } = useSession();
 */
export function useSession(): SessionState;
/**
 * Reads what the function makes of the state, and renders again only when that changes: another value by `Object.is`, or
 * a plain object or an array with another member. The function must be pure; it may be written in place.
 *
 * @param select Also gets the session, for its functions: those stay the same as long as the session does.
 *
 * @throws TypeError when there is no {@link SessionProvider} above; whatever the function throws.
 *
 * @example
 * const user = useSession((state) => (state.status === 'active' ? state.user : undefined));
 * const signOut = useSession((_, session) => session.end);
 */
export function useSession<Selected>(select: (state: SessionState, session: Session) => Selected): Selected;
export function useSession(select?: (state: SessionState, session: Session) => unknown): unknown {
  const session = useContext(SessionContext);
  if (!session) throw new TypeError('useSession needs a <SessionProvider> above.');
  const rendered = useRef<unknown>(undefined);
  const read = useMemo(() => {
    let seen: SessionState | undefined;
    let selected = rendered.current;
    return (state: SessionState) => {
      // Asked again about the same state it gives the same answer, or React would never be done.
      if (state !== seen) {
        const next = select ? select(state, session) : state;
        if (!isSame(selected, next)) selected = next;
        seen = state;
      }
      return selected;
    };
  }, [session, select]);
  const value = useSyncExternalStore(
    session.subscribe,
    () => read(session.state),
    () => read(RESTORING),
  );
  // Only what was committed: a render that is thrown away leaves nothing behind.
  useEffect(() => void (rendered.current = value));
  return value;
}

/** What {@link SessionGuard} takes. */
export interface SessionGuardProps {
  /** Shown to whoever is signed in, also while the token is being mended (`stale`). Mounted anew for another user. */
  readonly children?: ReactNode;
  /** Shown until the stored record has been read, which takes no network. Default: nothing. */
  readonly restoring?: ReactNode;
  /** Shown when nobody is signed in, or what the function makes of the state, which says why. Default: nothing. */
  readonly signedOut?: ReactNode | ((state: Extract<SessionState, { status: 'absent' | 'ended' }>) => ReactNode);
}

/**
 * Shows its children only to somebody who is signed in. A reload does not flash the sign-in page: until the stored record
 * has been read, neither is shown. It guards what is seen; what is secret the server must guard.
 *
 * @throws TypeError when there is no {@link SessionProvider} above.
 *
 * @example
 * <SessionGuard signedOut={(state) => <Navigate to="/login" state={state} />}>
 *   <Orders />
 * </SessionGuard>
 */
export function SessionGuard({ children, restoring, signedOut }: SessionGuardProps): ReactNode {
  const entry = useSession(entryOf);
  // Nothing of what one user saw is left to the next.
  if (!('status' in entry)) return createElement(Fragment, { key: entry.user }, children);
  if (entry.status === 'restoring') return restoring;
  return typeof signedOut === 'function' ? signedOut(entry) : signedOut;
}

/** One answer over all rotations, so that they render nothing. Whoever is signed in has a generation. */
function entryOf(state: SessionState) {
  return 'generation' in state ? { user: state.user } : state;
}

/** Whether it makes no difference which: one value, or two plain objects or arrays of the same members. */
function isSame(one: unknown, other: unknown): boolean {
  return (
    Object.is(one, other) ||
    (isPlain(one) &&
      isPlain(other) &&
      shapeOf(one) === shapeOf(other) &&
      Object.keys(one).every((name) => Object.is(one[name], other[name])))
  );
}

/** Nothing but its members, as what a selector makes anew each time; a date or a function is more. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  const plain: readonly unknown[] = [Object, Array];
  return plain.includes((value as object | null | undefined)?.constructor);
}

function shapeOf(value: object): string {
  return String([value.constructor, Object.keys(value)]);
}
