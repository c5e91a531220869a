/** One tab: the real core over the ports of a simulated page. */
import { readOptions } from '../../src/core/options.ts';
import { openSession } from '../../src/core/session.ts';
import type { Session } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { ORIGIN, PROBE, REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from './network.ts';
import { createPageClock } from './page-clock.ts';
import { createPage, type Page } from './page.ts';
import type { World } from './world.ts';

export interface Tab {
  readonly page: Page;
  readonly session: Session;
  /** The page is shown, thawed, focused or online again. */
  readonly comeBack: () => void;
  readonly show: (isVisible: boolean) => void;
  readonly touch: () => void;
}

/** Opens a page and, in it, the session. */
export function openTab(world: World, id: number): Tab {
  const { archive, channel, faults, locks, machine, network, random, referee, setting, storage, timeline, traffic } =
    world;
  const page = createPage({ id, timeline, machine, faults, trace: referee.trace });
  const clock = createPageClock({ machine, page, random, timeline });
  const returns = new Set<() => void>();
  let isVisible = true;
  let lastInput = clock.monotonic();
  let ids = 0;
  const touch = () => {
    lastInput = clock.monotonic();
  };
  const bearer = oauth2({
    tokenEndpoint: TOKEN_ENDPOINT,
    revocationEndpoint: REVOCATION_ENDPOINT,
    clientId: 'spa',
    lostAnswer: setting.lostAnswer,
  });
  const server = {
    ...bearer,
    probe: async (_: unknown, { fetch }: { readonly fetch: typeof globalThis.fetch }) => {
      const { status } = await fetch(PROBE);
      return status === 401 ? ({ outcome: 'rejected' } as const) : ({ outcome: 'unknown' } as const);
    },
  };
  referee.trace(id, 'opens');
  const session = openSession(
    readOptions(
      {
        server,
        resources: ['/api/'],
        logger: ({ event, facts }: { readonly event: string; readonly facts: object }) => {
          const text = JSON.stringify(facts);
          if (text.includes('secret')) referee.fail(9, 'a token stands in a log record');
          if (!page.isGone()) referee.trace(id, event, text);
        },
        ...setting.options,
      },
      ORIGIN,
    ),
    {
      clock,
      dice: { roll: random.roll, id: () => `${id}.${++ids}` },
      ...storage.open(page, clock),
      lock: locks.open(page),
      tabs: channel.open(page),
      network: { fetch: network.open(page), isOnline: network.isOnline },
      activity: {
        isVisible: () => isVisible,
        lastInput: () => lastInput,
        touch,
        onReturn: (listener) => {
          returns.add(listener);
          return () => void returns.delete(listener);
        },
      },
      page: { base: () => `${ORIGIN}/`, origin: ORIGIN },
      report: (error) => referee.fail(0, 'the core threw', String(error)),
      missing: () => [],
    },
  );
  session.on('started', () => archive.adopt(page));
  session.on('ended', ({ reason }) => {
    referee.trace(id, 'ended', reason);
    if (!page.isGone()) archive.end(page, reason);
  });
  return {
    page,
    session,
    touch,
    comeBack: () =>
      page.deliver(() => {
        referee.trace(id, 'comes back');
        traffic.returned(page);
        clock.check();
        for (const listener of [...returns]) listener();
      }),
    show: (shown) => {
      isVisible = shown;
    },
  };
}
