/**
 * For tests: a machine in memory, in which an app's own tests say what happens to its session, and a kit that tells
 * whether a token server of an app's own keeps what a session relies on.
 *
 * @packageDocumentation
 */
export type { Clock } from './core/ports.ts';
export type { BrowserRequest, BrowserRoute } from './testing/browser-route.ts';
export { checkTokenServer, type Finding } from './testing/check-token-server.ts';
export type { FakeBackend } from './testing/fake-backend.ts';
export type { FakeLock } from './testing/fake-lock.ts';
export type { FakeNetwork } from './testing/fake-network.ts';
export type { FakePage } from './testing/fake-page.ts';
export { fakeServer, type FakeServer, type FakeServerCall, type FakeServerOptions } from './testing/fake-server.ts';
export type { FakeTabs } from './testing/fake-tabs.ts';
export type { FakeVault } from './testing/fake-vault.ts';
export { manualClock, type ManualClock } from './testing/manual-clock.ts';
export { settle } from './testing/settle.ts';
export { createWorld, type World, type WorldOptions } from './testing/world.ts';
