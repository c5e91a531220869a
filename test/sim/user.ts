/** The user and the app: tabs that open and close, calls at random moments, signing in and out. */
import { createHoldings } from './holdings.ts';
import { OUTSIDE, RESOURCE } from './places.ts';
import { holdsSecret } from './secret.ts';
import { openTab, type Tab } from './tab.ts';
import type { Allowed } from './traffic.ts';
import type { World } from './world.ts';

export interface User {
  /** Opens the first tab and begins to use the app. */
  readonly begin: () => void;
  readonly open: () => void;
  /** Tabs that have not been closed and have not crashed. */
  readonly tabs: () => readonly Tab[];
  /** Makes one call to the API. Resolves with its status, or the name of its error. */
  readonly fetch: (tab: Tab) => Promise<number | string>;
  readonly signIn: (tab: Tab, user: string) => void;
  readonly signOut: (tab: Tab) => void;
  /** From now on tabs stay as they are, and nobody signs in or out. */
  readonly settle: () => void;
  /** From now on the app makes no calls. */
  readonly pause: () => void;
  /** Looks for calls to `end()` that hang. */
  readonly check: () => void;
}

/** However slow the storage, `end()` has resolved by then. */
const END_TIME = 40_000;

export function createUser(world: World): User {
  const { archive, faults, isCalm, jar, ledger, machine, random, referee, server, setting, timeline, traffic } = world;
  const tabs = new Set<Tab>();
  const starting = new Map<Tab, { readonly user: string }>();
  const ending = new Map<Tab, number>();
  const holdings = createHoldings(world);
  let opened = 0;
  let front: Tab | undefined;
  let isSettled = false;
  let isPaused = false;

  const open = (): Tab => {
    opened += 1;
    const tab = openTab(world, opened);
    tabs.add(tab);
    const lose = (): void => {
      tabs.delete(tab);
      if (!isSettled)
        timeline.after(random.between(100, 30_000), () => void (!isSettled && tabs.size < setting.tabs && open()));
    };
    if (tab.page.isGone()) lose();
    else tab.page.onGone(lose);
    show(tab);
    return tab;
  };
  const show = (tab: Tab): void => {
    if (front === tab) return;
    front?.show(false);
    front = tab;
    tab.show(true);
  };
  const pages = () => [...tabs].map(({ page }) => page);
  const isLive = ({ session: { state } }: Tab): boolean => state.status === 'active' || state.status === 'stale';

  function allowedIn(tab: Tab): Allowed {
    const coming = starting.get(tab);
    if (coming !== undefined) return coming;
    const { state } = tab.session;
    if (state.status === 'restoring') return 'anybody';
    if (state.status !== 'active' && state.status !== 'stale') return 'nobody';
    return { user: state.user?.split(' ').at(-1) ?? '' };
  }

  async function fetch(tab: Tab, signal?: AbortSignal): Promise<number | string> {
    const call = traffic.open(tab.page, 'fetch', allowedIn(tab));
    referee.trace(tab.page.id, 'calls', call.id);
    call.isOrder = random.isHit(0.1);
    const init: RequestInit = call.isOrder
      ? { method: 'POST', headers: Object.freeze({ 'x-order': String(call.id) }), body: `order ${call.id}` }
      : {};
    if (signal !== undefined) init.signal = signal;
    // Whoever alters what is the caller's throws.
    const end = await tab.session.fetch(`${RESOURCE}${call.id}`, Object.freeze(init)).then(
      ({ status }) => status,
      (error: unknown) => nameOf(error),
    );
    if (tab.page.isGone()) return end;
    referee.trace(tab.page.id, `call ${call.id} ends:`, end);
    if (isCalm && end !== 200) referee.fail(3, 'a request failed in calm', String(end));
    traffic.settle(call);
    return end;
  }

  async function ask(tab: Tab, minValidity: number): Promise<void> {
    const call = traffic.open(tab.page, 'token', allowedIn(tab));
    referee.trace(tab.page.id, 'asks for a token:', call.id);
    try {
      const value = await tab.session.token({ minValidity });
      if (tab.page.isGone()) return;
      traffic.send(call, server.accessToken(value));
      traffic.receive(call, undefined);
    } catch (error) {
      referee.trace(tab.page.id, `token ${call.id} ends:`, nameOf(error));
    }
    if (!tab.page.isGone()) traffic.settle(call);
  }

  function nameOf(error: unknown): string {
    if (holdsSecret(error) || holdsSecret(String(error))) referee.fail(9, 'a token stands in an error');
    return error instanceof Error ? error.name : String(error);
  }

  function act(tab: Tab): void {
    const roll = random.roll();
    if (tab !== front && random.isHit(0.2)) {
      show(tab);
      tab.comeBack();
    }
    if (!isLive(tab) && !isSettled && random.isHit(0.15)) enter(tab);
    else if (roll < 0.78 || isCalm) void fetch(tab);
    else if (roll < 0.8) void tab.session.fetch(`${random.pick(OUTSIDE)}1`);
    else if (roll < 0.84) void fetch(tab, abortedAfter(tab, random.between(0, 20_000)));
    else if (roll < 0.9) void ask(tab, 0);
    else if (roll < 0.93) void ask(tab, setting.life * random.roll());
    else if (roll < 0.96)
      tab.session.rotate().catch((error: unknown) => referee.trace(tab.page.id, 'cannot rotate:', nameOf(error)));
    else tab.session.touch();
  }

  /** Whoever is signed in elsewhere reloads a page that does not know it. */
  function enter(tab: Tab): void {
    if (![...tabs].some(isLive)) return signIn(tab, random.isHit(0.8) ? 'ann' : 'bob');
    tab.page.destroy();
    timeline.after(random.between(20, 500), () => void (!isSettled && open()));
  }

  function abortedAfter(tab: Tab, delay: number): AbortSignal {
    const controller = new AbortController();
    timeline.after(delay, () => tab.page.deliver(() => controller.abort()));
    return controller.signal;
  }

  function signIn(tab: Tab, user: string): void {
    const { accessToken, response } = server.login(user);
    referee.trace(tab.page.id, `signs in ${user} with`, accessToken.refreshToken.value);
    ledger.begin(tab.page, accessToken);
    jar?.set(accessToken);
    // Of several that wait for each other the last counts.
    const coming = { user };
    starting.set(tab, coming);
    const flight = tab.session.start(response, setting.identity === 'option' ? { user } : undefined);
    const done = (): void => {
      if (starting.get(tab) === coming) starting.delete(tab);
    };
    const begun = (): void => {
      done();
      // One that crashed on the way has told nobody.
      if (!tab.page.isGone()) archive.start(tab.page, pages());
    };
    flight.then(begun, (error: unknown) => {
      done();
      referee.fail(0, 'a sign-in was refused', nameOf(error));
    });
  }

  function signOut(tab: Tab): void {
    referee.trace(tab.page.id, 'signs out');
    ending.set(tab, tab.page.active());
    void tab.session.end().then(() => {
      ending.delete(tab);
      if (!tab.page.isGone()) archive.signOut(tab.page, pages());
    });
  }

  /** Somewhere among the tabs that can be used. */
  function somewhere(then: (tab: Tab) => void): void {
    const usable = machine.isAsleep() ? [] : [...tabs].filter(({ page }) => !page.isFrozen());
    if (usable.length > 0) {
      const tab = random.pick(usable);
      tab.page.deliver(() => then(tab));
    }
  }

  function live(): void {
    timeline.after(random.wait(setting.pace), () => {
      if (isPaused) return;
      somewhere(act);
      live();
    });
  }

  function often(kind: 'sign-out' | 'same user' | 'other user', then: (tab: Tab) => void): void {
    const wait = faults.wait(kind);
    if (wait === undefined) return;
    timeline.after(wait, () => {
      somewhere((tab) => isLive(tab) && faults.happens(kind) && then(tab));
      often(kind, then);
    });
  }

  return {
    begin: () => {
      const first = open();
      timeline.after(random.between(0, 1_000), () => signIn(first, 'ann'));
      for (let more = 1; more < setting.tabs; more += 1) {
        timeline.after(
          random.pick([random.between(0, 2_000), random.between(2_000, 200_000)]),
          () => void (!isSettled && open()),
        );
      }
      live();
      often('sign-out', signOut);
      often('same user', (tab) => signIn(tab, 'ann'));
      often('other user', (tab) => signIn(tab, 'bob'));
    },
    open: () => void (!isSettled && open()),
    tabs: () => [...tabs],
    fetch,
    signIn,
    signOut,
    settle: () => {
      isSettled = true;
    },
    pause: () => {
      isPaused = true;
    },
    check: () => {
      for (const tab of tabs) holdings.check(tab);
      for (const [tab, since] of ending) {
        if (tab.page.isGone()) ending.delete(tab);
        else if (tab.page.active() - since > END_TIME) referee.fail(3, 'end() does not resolve', `tab ${tab.page.id}`);
      }
    },
  };
}
