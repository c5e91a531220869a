/** Where a scenario plays: the servers, a browser profile, and its tabs, which share one session. */
import { fileURLToPath } from 'node:url';
import type { ExpectStatic } from 'vitest';
import { type Demo, startDemo } from '../../demo/server/demo.ts';
import type { Hold, HoldMoment } from '../../demo/server/hold.ts';
import type { Ability, Engine, Profile, Tab } from './engine.ts';
import type { Report } from './page/probe.ts';
import { watchServers } from './excuse.ts';
import { signIn } from './sign-in.ts';

/** For `expect.poll`: how long a condition may take on a busy machine. */
export const SOON = { timeout: 30_000 };

/** The servers of a stage. */
export interface Servers {
  /** Access tokens live so many seconds. */
  readonly start: (life: number, root: string) => Promise<Demo>;
  /** Signs ada in. */
  readonly signIn: (tab: Tab, demo: Demo) => Promise<void>;
}

const theDemo: Servers = {
  start: (accessTokenLife, root) => startDemo({ root, accessTokenLife }),
  signIn: async (tab, demo) => tab.ask('start', await signIn(demo, 'ada'), 'ada'),
};

/** How a stage is set. */
export interface Setting {
  /** Default: the demo's. */
  readonly servers?: Servers;
  /** Seconds that an access token lives. */
  readonly life: number;
  readonly tabs: number;
  /** How much of the machine it takes, in percent. Default 10. */
  readonly weight?: number;
  /** False: the tabs hide each other, as in a user's window. Default true. */
  readonly isSeen?: boolean;
  /** What the engine has to be able to do. */
  readonly needs?: readonly Ability[];
  /** Platform features that the tabs do without. */
  readonly without?: readonly string[];
}

/** The stage. */
export interface Stage {
  readonly setting: Setting;
  readonly demo: Demo;
  readonly profile: Profile;
  readonly expect: ExpectStatic;
  /** The tabs that are open. */
  readonly tabs: () => readonly Tab[];
  /** Signs ada in. */
  readonly signIn: (tab: Tab) => Promise<void>;
  /** Opens a tab more. */
  readonly open: (settings?: Readonly<Record<string, number>>) => Promise<Tab>;
  /** Takes the tab from the list of those that are open: it is about to go. Resolves when its report is kept. */
  readonly strike: (tab: Tab) => Promise<void>;
  /** What tabs reported that are gone. */
  readonly farewells: readonly Report[];
  /** When the first tab was about to be opened. */
  readonly setAt: number;
  readonly clear: () => Promise<void>;
}

/** The tab that leads, as soon as there is exactly one, and the others. */
export async function untilLed(stage: Stage): Promise<{ readonly leader: Tab; readonly others: readonly Tab[] }> {
  let leaders: readonly Tab[] = [];
  const count = async (): Promise<number> => {
    const roles = await Promise.all(stage.tabs().map((tab) => tab.ask('inspect')));
    leaders = stage.tabs().filter((_tab, index) => roles[index]?.role === 'leader');
    return leaders.length;
  };
  await stage.expect.poll(count, SOON).toBe(1);
  const [leader] = leaders;
  if (leader === undefined) throw new Error('No tab leads.');
  return { leader, others: stage.tabs().filter((tab) => tab !== leader) };
}

/** How many refresh tokens the server has taken. */
export function rotationsOf({ demo }: Stage): number {
  return demo.control.counts().tokenRequests['refresh_token']?.['ok'] ?? 0;
}

/** Waits until the server has taken so many refresh tokens more than before. */
export async function untilRotated(stage: Stage, count: number, before = rotationsOf(stage)): Promise<void> {
  const enough = before + count;
  await stage.expect.poll(() => rotationsOf(stage), { timeout: 60_000 }).toBeGreaterThanOrEqual(enough);
}

/** Waits until the server holds one more token request: before it takes effect, or after. */
export async function untilHeld({ demo, expect }: Stage, moment: HoldMoment, places = 1): Promise<Hold> {
  const hold = demo.control.holdTokens(moment, places);
  await expect.poll(hold.held, { timeout: 60_000, interval: 10 }).toBeGreaterThan(0);
  return hold;
}

const ROOT = fileURLToPath(new URL('page', import.meta.url));

/** Sets the stage: all tabs are open, and ada is signed in. */
export async function setStage(engine: Engine, setting: Setting, expect: ExpectStatic): Promise<Stage> {
  watchServers();
  const { servers = theDemo } = setting;
  const demo = await servers.start(setting.life, ROOT);
  const profile = await engine
    .open({ isSeen: setting.isSeen ?? true, needs: setting.needs ?? [] })
    .catch(async (error: unknown) => {
      await demo.close();
      throw error;
    });
  const tabs = new Set<Tab>();
  const farewells: Report[] = [];
  const stage: Stage = {
    setting,
    demo,
    profile,
    expect,
    tabs: () => [...tabs],
    signIn: (tab) => servers.signIn(tab, demo),
    open: async (settings = {}) => {
      const url = new URL(demo.url);
      for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, String(value));
      for (const feature of setting.without ?? []) url.searchParams.append('without', feature);
      const tab = await profile.open(url.href);
      tabs.add(tab);
      return tab;
    },
    farewells,
    setAt: Date.now(),
    strike: async (tab) => {
      tabs.delete(tab);
      farewells.push(await tab.ask('report'));
    },
    clear: async () => {
      try {
        await profile.close();
      } finally {
        await demo.close();
      }
    },
  };

  try {
    const first = await stage.open();
    await stage.signIn(first);
    // One by one: of tabs that are opened together in one window, Chromium hides only some.
    while (tabs.size < setting.tabs) await stage.open();
    return stage;
  } catch (error) {
    await stage.clear();
    throw error;
  }
}
