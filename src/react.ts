/**
 * The session in React, 18 and 19: rendered where it is read, and only when what is read has changed.
 *
 * @packageDocumentation
 */
export {
  SessionGuard,
  type SessionGuardProps,
  SessionProvider,
  type SessionProviderProps,
  useSession,
} from './bindings/react.ts';
