/**
 * For tests: a kit that tells whether a token server of an app's own keeps what a session relies on.
 *
 * @packageDocumentation
 */
export { checkTokenServer, type Finding } from './testing/check-token-server.ts';
export type { FakeBackend } from './testing/fake-backend.ts';
