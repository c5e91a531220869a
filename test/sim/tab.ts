/** One tab: the real core over the ports of a simulated page. */
import { readOptions } from '../../src/core/options.ts';
import { readRotation } from '../../src/core/refusal.ts';
import { openSession } from '../../src/core/session.ts';
import type { RotationOutcome, ServerContext, Session, SessionEvents, Tokens } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { LOGOUT, ORIGIN, PROBE, REVOCATION_ENDPOINT, TOKEN_ENDPOINT } from './places.ts';
import { createPageClock } from './page-clock.ts';
import { createPage, type Page } from './page.ts';
import { holdsSecret } from './secret.ts';
import type { World } from './world.ts';

export interface Tab {
  readonly page: Page;
  readonly session: Session;
  /** The page is shown, thawed, focused or online again. */
  readonly comeBack: () => void;
  readonly show: (isVisible: boolean) => void;
  readonly touch: () => void;
}

const EVENTS: readonly (keyof SessionEvents)[] = ['started', 'rotated', 'stale', 'recovered', 'warning', 'ended'];

/** Opens a page and, in it, the session. */
export function openTab(world: World, id: number): Tab {
  const { archive, channel, faults, locks, machine, network, notices, random, referee, setting } = world;
  const { storage, timeline, traffic } = world;
  const page = createPage({ id, timeline, machine, faults, random, trace: referee.trace });
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
  /** What a server module may await between the claim and the request, as `dpop` does: a page can freeze over it. */
  const signed = () =>
    new Promise<void>((resolve) => {
      if (page.call('seal')) timeline.after(random.between(0.1, 0.5), () => page.settle('sealed', resolve));
    });
  const cookies = {
    keepalive: true,
    revoke: async (_: unknown, { fetch }: ServerContext) => void (await fetch(LOGOUT)),
  };
  const server = {
    ...bearer,
    ...(setting.hasCookies && cookies),
    rotate: (tokens: Tokens, context: ServerContext) =>
      setting.isSigned ? signed().then(() => bearer.rotate(tokens, context)) : bearer.rotate(tokens, context),
    probe: async ({ life, refreshToken = '' }: Tokens, { fetch }: ServerContext): Promise<RotationOutcome> => {
      const body = new URLSearchParams({ token: refreshToken });
      const response = await fetch(PROBE, { method: 'POST', body });
      if (response.status === 401) return { outcome: 'rejected' };
      return readRotation(response, (body) => ({ ...bearer.readTokens(body), life }));
    },
  };
  referee.trace(id, 'opens');
  const session = openSession(
    readOptions(
      {
        server,
        resources: ['/api/'],
        logger: ({ event, facts }: { readonly event: string; readonly facts: object }) => {
          if (holdsSecret(facts)) referee.fail(9, 'a token stands in a log record');
          if (!page.isGone()) referee.trace(id, event, facts);
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
  const look = (what: string, value: unknown): void => {
    if (holdsSecret(value)) referee.fail(9, `a token stands in ${what}`);
  };
  for (const type of EVENTS) session.on(type, (event) => look(`the event ${type}`, event));
  session.subscribe(() => {
    look('the state', session.state);
    look('the inspection', session.inspect());
  });
  session.on('started', () => {
    archive.adopt(page);
    traffic.console(page);
  });
  session.on('ended', ({ reason }) => {
    referee.trace(id, 'ended', reason);
    if (page.isGone()) return;
    archive.end(page, reason);
    traffic.bereave(page);
  });
  return {
    page,
    session,
    touch,
    comeBack: () =>
      page.deliver(() => {
        referee.trace(id, 'comes back');
        notices.returned(page);
        clock.check();
        for (const listener of [...returns]) listener();
      }),
    show: (shown) => {
      isVisible = shown;
    },
  };
}
