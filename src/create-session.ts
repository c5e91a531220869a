/** The session in a browser: the only place where the core meets the platform. */
import { pageActivity } from './browser/activity.ts';
import { browserClock } from './browser/clock.ts';
import { browserDice } from './browser/dice.ts';
import { webLock } from './browser/lock.ts';
import { browserNetwork } from './browser/network.ts';
import { report } from './browser/report.ts';
import { browserStorage } from './browser/storage.ts';
import { channelTabs } from './browser/tabs.ts';
import { openInert } from './core/inert.ts';
import { readOptions } from './core/options.ts';
import { createScope } from './core/scope.ts';
import { openSession } from './core/session.ts';
import type { Session, SessionOptions } from './core/types.ts';

/**
 * Opens the session of this page: reads what is stored, keeps it signed in, and hands out a `fetch` that
 * carries the token. One call for each session, at the app's start.
 *
 * On a server, and wherever else there is no `document`, the session is inert, so that the same module can be imported
 * there: its `state` stays `restoring`, which is what a page begins with as well, `ready` is resolved, `fetch` passes on
 * to the platform's what it is given, without a token, and no listener is ever called. `start`, `token` and `rotate`
 * reject with a {@link SessionEndedError} whose `reason` is `'no-page'`; `inspect().missing` names the `document`.
 *
 * @example
 * export const session = createSession({
 *   server: oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'spa' }),
 *   resources: ['/api/'],
 * });
 * await session.start(tokenResponse); // the login's token response, as it came
 * const response = await session.fetch('/api/orders');
 *
 * @throws TypeError that names the option, the kind of its value, and what is allowed.
 */
export function createSession(given: SessionOptions): Session {
  if (typeof document === 'undefined') return openInert(given, browserNetwork().fetch);
  const { origin } = globalThis.location;
  const options = readOptions(given, origin);
  const page = { base: () => document.baseURI, origin };
  // Throws before anything is opened.
  createScope({ ...options, page });
  const namespace = `holdfast/${options.name}`;
  const activity = pageActivity();
  const clock = browserClock({ onReturn: activity.onReturn });
  const storage = browserStorage({ name: namespace, clock, storage: options.storage });
  const dice = browserDice();
  const tabs = channelTabs({ name: namespace, clock, dice });
  const lock = webLock(namespace);
  const session = openSession(options, {
    activity,
    clock,
    lock,
    tabs,
    dice,
    network: browserNetwork(),
    page,
    report,
    seal: storage.seal,
    vault: storage.vault,
    missing: () => [
      ...storage.missing(),
      ...(lock.isExclusive ? [] : ['locks']),
      ...tabs.missing(),
      ...clock.missing(),
    ],
  });
  let isDisposed = false;
  return {
    ...session,
    get state() {
      return session.state;
    },
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      // Another tab leads from now on.
      tabs.resign();
      // A rotation in flight is let land, or what it wins would be lost; the other tabs are told of it.
      void session.dispose().then(() => {
        tabs.dispose();
        clock.dispose();
        storage.dispose();
      });
    },
  };
}
