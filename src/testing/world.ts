/** A machine with a clock, a network, a token server and tabs, all in memory: what an app's own tests run in. */
import type { Session, SessionOptions } from '../core/types.ts';
import { oauth2 } from '../servers/oauth2.ts';
import type { FakeLock } from './fake-lock.ts';
import type { FakeNetwork } from './fake-network.ts';
import type { FakePage } from './fake-page.ts';
import { fakeServer, type FakeServer, type FakeServerOptions } from './fake-server.ts';
import type { FakeTabs } from './fake-tabs.ts';
import type { FakeVault } from './fake-vault.ts';
import { createMachine } from './machine.ts';
import { manualClock, type ManualClock } from './manual-clock.ts';
import { settle } from './settle.ts';

/** What a {@link World} is like. Durations are seconds. */
export interface WorldOptions extends Omit<FakeServerOptions, 'clock'> {
  /** URL of the page. Default: that of the page which the test runs in, else `'https://app.example.com/'`. */
  readonly page?: string;
  /** When it begins, in epoch milliseconds. Default: the beginning of 2026, whatever `Date` says. */
  readonly startAt?: number;
}

/** A machine in memory. */
export interface World {
  /**
   * Opens a tab: a session as `createSession` makes it, over doubles of the browser. All tabs of a world share
   * one session, whatever their `name`. `options.server` is by default `oauth2` at the world's server.
   *
   * @throws TypeError that names the option, the kind of its value, and what is allowed.
   */
  readonly openTab: (options?: Partial<SessionOptions>) => Session;
  /** Time passes, by so many seconds: alarms ring, tabs rotate, and whatever that sets off has settled. */
  readonly advance: (seconds: number) => Promise<void>;
  /** The machine sleeps for so many seconds, and the user comes back to it. */
  readonly sleep: (seconds: number) => Promise<void>;
  /** The token server, and the API. */
  readonly server: FakeServer;
  /** What all tabs tell the time by. */
  readonly clock: ManualClock;
  /** The way to the server. */
  readonly network: FakeNetwork;
  /** The page and its user, in all tabs alike. */
  readonly page: FakePage;
  /** What is stored. */
  readonly vault: FakeVault;
  /** What passes between the tabs. */
  readonly tabs: FakeTabs;
  /** What keeps two tabs from rotating at a time. */
  readonly lock: FakeLock;
}

/**
 * Makes a machine in memory, without a tab. Nothing in it moves but by the test's hand: chance is always the same, and time
 * stands until it is told to pass.
 *
 * @example
 * const world = createWorld({ life: 300 });
 * const session = world.openTab();
 * await session.start(world.server.login('ada'));
 * world.server.expireTokens(); // the token expires now
 * await world.openTab().end(); // another tab signs out
 * world.server.goDown(60); // the server is down for a minute
 * await world.advance(90);
 */
export function createWorld({ page = pageUrl(), startAt, ...options }: WorldOptions = {}): World {
  const { revocationEndpoint = '/oauth/revoke', tokenEndpoint = '/oauth/token' } = options;
  const clock = manualClock(startAt);
  const server = fakeServer({ ...options, clock });
  const { open, ...machine } = createMachine({ answer: server.answer, clock, page });
  return {
    ...machine,
    clock,
    server,
    openTab: (given) => open({ server: oauth2({ tokenEndpoint, revocationEndpoint, clientId: 'app' }), ...given }),
    advance: clock.advance,
    sleep: async (seconds) => {
      await clock.sleep(seconds);
      machine.page.comeBack();
      await settle();
    },
  };
}

function pageUrl(): string {
  const { location } = globalThis as { readonly location?: Location };
  return location?.protocol.startsWith('http') ? location.href : 'https://app.example.com/';
}
