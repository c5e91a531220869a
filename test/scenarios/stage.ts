/** Where a scenario plays: the servers, a browser profile, and its tabs, which share one session. */
import { fileURLToPath } from 'node:url';
import type { ExpectStatic } from 'vitest';
import { type Demo, startDemo } from '../../demo/server/demo.ts';
import type { Engine, Profile, Tab } from './engine.ts';
import { signIn } from './sign-in.ts';

/** How a stage is set. */
export interface Setting {
  /** Seconds that an access token lives. */
  readonly life: number;
  readonly tabs: number;
  /** False: the tabs hide each other, as in a user's window. Default true. */
  readonly isSeen?: boolean;
  /** Platform features that the tabs do without. */
  readonly without?: readonly string[];
}

/** The stage. */
export interface Stage {
  readonly demo: Demo;
  readonly profile: Profile;
  readonly expect: ExpectStatic;
  /** The tabs that are open. */
  readonly tabs: () => readonly Tab[];
  /** Opens a tab more. */
  readonly open: (settings?: Readonly<Record<string, number>>) => Promise<Tab>;
  /** Takes the tab from the list of those that are open: it is about to go. */
  readonly strike: (tab: Tab) => void;
  /** Signs in at the server, and begins the session in that tab. */
  readonly enter: (tab: Tab, name: string) => Promise<void>;
  readonly clear: () => Promise<void>;
}

const ROOT = fileURLToPath(new URL('page', import.meta.url));

/** Sets the stage: all tabs are open, and ada is signed in. */
export async function setStage(engine: Engine, setting: Setting, expect: ExpectStatic): Promise<Stage> {
  const demo = await startDemo({ root: ROOT, accessTokenLife: setting.life });
  const profile = await engine.open(setting.isSeen ?? true);
  const tabs = new Set<Tab>();
  const stage: Stage = {
    demo,
    profile,
    expect,
    tabs: () => [...tabs],
    open: async (settings = {}) => {
      const url = new URL(demo.url);
      for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, String(value));
      for (const feature of setting.without ?? []) url.searchParams.append('without', feature);
      const tab = await profile.open(url.href);
      tabs.add(tab);
      return tab;
    },
    strike: (tab) => void tabs.delete(tab),
    enter: async (tab, name) => tab.ask('start', await signIn(demo, name), name),
    clear: async () => {
      await profile.close();
      await demo.close();
    },
  };

  const first = await stage.open();
  await stage.enter(first, 'ada');
  await Promise.all(Array.from({ length: setting.tabs - 1 }, () => stage.open()));
  return stage;
}
