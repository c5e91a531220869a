/** What each tab holds, and for how long: past its time it must be over. Invariant 14. */
import type { Epoch } from './epoch.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

export interface Holdings {
  readonly check: (tab: Tab) => void;
}

const OVERDUE = 75_000;

interface Holding {
  readonly generation: number | undefined;
  readonly epoch: Epoch | undefined;
  /** By the page's own time. */
  readonly since: number;
}

export function createHoldings({ archive, machine, referee, setting }: World): Holdings {
  const { refreshLife = Number.POSITIVE_INFINITY } = setting;
  const overdue = new Map<Tab, number>();
  const holdings = new Map<Tab, Holding>();

  /** Alarms look at the wall clock once a minute, and end what is past its time. */
  function checkLimit(tab: Tab): void {
    const { page, session } = tab;
    const { state } = session;
    // By a wall clock that may be wrong: while the server cannot be asked, the session is stale.
    const endsAt = state.status === 'active' ? state.endsAt : undefined;
    if (endsAt === undefined || machine.wall() < endsAt) return void overdue.delete(tab);
    const since = overdue.get(tab) ?? page.active();
    overdue.set(tab, since);
    if (page.active() - since > OVERDUE) referee.fail(14, 'a session outlives its refresh token', `tab ${page.id}`);
  }

  function checkHolding(tab: Tab): void {
    const { page, session } = tab;
    const { state } = session;
    const now = page.active();
    const isLive = state.status === 'active' || state.status === 'stale';
    const generation = isLive ? state.generation : undefined;
    const epoch = archive.heldBy(page);
    const before = holdings.get(tab);
    const isSame = before?.generation === generation && before?.epoch === epoch;
    const since = isSame ? (before?.since ?? now) : now;
    holdings.set(tab, { generation, epoch, since });
    if (!isLive) return;
    if (now - since > refreshLife * 1_000 + OVERDUE)
      referee.fail(14, 'a session goes on longer than its refresh token can live', `tab ${page.id}`);
  }

  return {
    check: (tab) => {
      checkLimit(tab);
      checkHolding(tab);
    },
  };
}
