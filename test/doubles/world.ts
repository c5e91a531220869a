/** A machine with tabs: the real core over doubles of all that it stands on. */
import { memorySeal, memoryVault } from '../../src/core/memory-vault.ts';
import { readOptions } from '../../src/core/options.ts';
import type { Lock, Ports, Tabs, Vault } from '../../src/core/ports.ts';
import { openSession } from '../../src/core/session.ts';
import type { LogRecord, Session, SessionOptions } from '../../src/core/types.ts';
import { oauth2, type OAuth2Options } from '../../src/servers/oauth2.ts';
import { manualClock, settle, type ManualClock } from './manual-clock.ts';
import { joinedTabs } from './tabs.ts';
import { fakeServer, ORIGIN, REVOCATION_ENDPOINT, TOKEN_ENDPOINT, type FakeServer } from './token-server.ts';

export interface World {
  readonly clock: ManualClock;
  readonly server: FakeServer;
  readonly vault: Vault;
  /** What tabs do while it is set. */
  readonly state: {
    isOnline: boolean;
    isVisible: boolean;
    lastInput: number;
    leader: string;
    roll: number;
    base: string;
  };
  readonly logs: LogRecord[];
  /** Opens a tab. */
  readonly open: (
    options?: Partial<SessionOptions> & {
      readonly oauth2?: Partial<OAuth2Options & { readonly tokenEndpoint: string }>;
    },
    ports?: Partial<Ports>,
  ) => Session;
  /** The page returns, in every tab. */
  readonly comeBack: () => Promise<void>;
  /** A lock over all tabs of this world. */
  readonly lock: () => Lock;
  /** Joins one more tab to the others. */
  readonly join: () => Tabs;
}

export interface WorldOptions {
  readonly life?: number;
  readonly extra?: Record<string, unknown>;
}

export function createWorld({ extra, life = 300 }: WorldOptions = {}): World {
  const clock = manualClock();
  const server = fakeServer({ clock, life, ...(extra === undefined ? {} : { extra }) });
  const vault = memoryVault();
  const seal = memorySeal();
  const state = { isOnline: true, isVisible: true, lastInput: 0, leader: '', roll: 0.5, base: `${ORIGIN}/` };
  const join = joinedTabs(clock);
  const returns = new Set<() => void>();
  const logs: LogRecord[] = [];
  let ids = 0;
  let holder: AbortController | undefined;

  const lock = (): Lock => ({
    isExclusive: true,
    hold: async (task, { steal = false } = {}) => {
      await undefined;
      if (holder !== undefined && !steal) return 'busy';
      holder?.abort();
      const mine = new AbortController();
      holder = mine;
      await task(mine.signal).finally(() => {
        if (holder === mine) holder = undefined;
      });
      return 'held';
    },
  });

  return {
    clock,
    server,
    vault,
    state,
    logs,
    lock,
    join,
    open: ({ oauth2: overrides, ...options } = {}, ports = {}) => {
      const given = {
        server: oauth2({
          tokenEndpoint: TOKEN_ENDPOINT,
          revocationEndpoint: REVOCATION_ENDPOINT,
          clientId: 'spa',
          ...overrides,
        }),
        resources: ['/api/'],
        logger: (record: LogRecord) => void logs.push(record),
        ...options,
      };
      return openSession(readOptions(given, ORIGIN), {
        clock,
        vault,
        seal,
        lock: lock(),
        dice: { roll: () => state.roll, id: () => `id-${++ids}` },
        tabs: join(),
        network: { fetch: server.fetch, isOnline: () => state.isOnline },
        activity: {
          isVisible: () => state.isVisible,
          lastInput: () => state.lastInput,
          touch: () => {
            state.lastInput = clock.monotonic();
          },
          onReturn: (listener) => {
            returns.add(listener);
            return () => void returns.delete(listener);
          },
        },
        page: { base: () => state.base, origin: ORIGIN },
        report: (error) =>
          void logs.push({ at: clock.now(), level: 'error', event: 'reported', facts: { error: String(error) } }),
        missing: () => [],
        ...ports,
      });
    },
    comeBack: async () => {
      for (const listener of returns) listener();
      await settle();
    },
  };
}

export { settle };
