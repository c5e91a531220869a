/** A machine in memory: the real core over doubles of all that it stands on. */
import { memorySeal } from '../core/memory-vault.ts';
import { readOptions } from '../core/options.ts';
import type { Dice, Lock, Ports, Seal, Vault } from '../core/ports.ts';
import { openSession } from '../core/session.ts';
import type { Session, SessionOptions } from '../core/types.ts';
import { fakeLock, type FakeLock } from './fake-lock.ts';
import { fakeNetwork, type FakeNetwork } from './fake-network.ts';
import { fakePage, type FakePage } from './fake-page.ts';
import { joinedTabs, type JoinedTabs } from './fake-tabs.ts';
import { fakeVault, type FakeVault } from './fake-vault.ts';
import type { ManualClock } from './manual-clock.ts';

/** The machine, and its tabs. */
export interface Machine {
  readonly lock: FakeLock & Lock;
  readonly network: FakeNetwork;
  readonly page: FakePage;
  readonly tabs: JoinedTabs;
  readonly vault: FakeVault & Vault;
  /** Opens a tab. `ports`: what this one has instead of the machine's. */
  readonly open: (options: SessionOptions, ports?: Partial<Ports>) => Session;
}

export interface MachineOptions {
  readonly clock: ManualClock;
  /** The page's base URL. */
  readonly page: string;
  /** What is at the other end of the network. */
  readonly answer: (request: Request) => Response | Promise<Response>;
}

export function createMachine({ answer, clock, page: url }: MachineOptions): Machine {
  const { origin } = new URL(url);
  const { activity, face: page } = fakePage(url, clock);
  const base = () => page.url;
  const { face: network, port } = fakeNetwork({ answer, base, onOnline: page.comeBack });
  const lock = fakeLock();
  const seal = memorySeal();
  const unwritten: Seal = { ...seal, seal: async () => undefined };
  const tabs = joinedTabs(clock);
  const vault = fakeVault();
  let ids = 0;
  const dice: Dice = { roll: () => 0.5, id: () => `id-${++ids}` };

  return {
    lock,
    network,
    page,
    tabs,
    vault,
    open: (given, ports) => {
      const options = readOptions(given, origin);
      const joined = tabs.join();
      const session = openSession(options, {
        activity,
        clock,
        dice,
        lock,
        network: port,
        page: { base, origin },
        report,
        seal: options.storage === 'memory' ? unwritten : seal,
        tabs: joined,
        vault,
        missing: () => (lock.isExclusive ? [] : ['locks']),
        ...ports,
      });
      return {
        ...session,
        get state() {
          return session.state;
        },
        dispose: () => {
          // The next tab leads from now on.
          joined.leave();
          void session.dispose();
        },
      };
    },
  };
}

/** As in a page: an error of a listener's is nobody's to catch, and fails the test. */
function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
