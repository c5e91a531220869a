/** Firefox, through Playwright over WebDriver BiDi. */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, firefox as playwright, type Page } from 'playwright';
import { firefox } from '../engines.ts';
import { ENGINE_MINUTES, type Engine, type Tab } from './engine.ts';
import { playwrightTab } from './playwright-tab.ts';
import { markProcesses, type Processes } from './processes.ts';

const STARTER = fileURLToPath(new URL('firefox.sh', import.meta.url));
/** A process for each tab, made when the tab is opened and not in advance. */
const ISOLATED = { 'dom.ipc.processCount.webIsolated': 64, 'dom.ipc.processPrelaunch.enabled': false };
const ALWAYS_SEEN = 'under Playwright every tab of Firefox says that it is visible';

/** Firefox. */
export function createFirefox(): Engine {
  let shared: Promise<Browser> | undefined;
  return {
    name: 'Firefox',
    absent: firefox.absent,
    weight: 2.5,
    minutes: ENGINE_MINUTES,
    lacks: {
      freeze: 'Firefox freezes no tabs',
      hide: ALWAYS_SEEN,
      return:
        'Firefox (ESR 153) keeps no page in its back/forward cache that holds or awaits a Web Lock when it is left',
      throttle: 'Firefox has no timer throttling to one a minute',
    },
    open: async ({ needs }) => {
      const processes = markProcesses();
      // Four processes serve all tabs of a site: where one stops, it must not stop other tabs too.
      const isAlone = needs.includes('crash') || needs.includes('block');
      shared ??= isAlone ? undefined : launch(processes, {});
      const browser = await (isAlone ? launch(processes, ISOLATED) : shared);
      if (browser === undefined) throw new Error('Firefox did not start.');
      const context = await browser.newContext();
      return {
        open: async (url) => openTab(await context.newPage(), url, needs.includes('crash') ? processes : undefined),
        hideAll: () => Promise.reject(new Error(ALWAYS_SEEN)),
        setOffline: (isOffline) => context.setOffline(isOffline),
        close: () => (isAlone ? browser.close() : context.close()),
      };
    },
    close: async () => (await shared)?.close(),
  };
}

function launch({ environment }: Processes, preferences: Readonly<Record<string, number | boolean>>): Promise<Browser> {
  return playwright.launch({
    channel: 'moz-firefox',
    executablePath: STARTER,
    env: { ...environment, HOLDFAST_FIREFOX_FILE: firefox.path() },
    firefoxUserPrefs: preferences,
  });
}

async function openTab(page: Page, url: string, processes: Processes | undefined): Promise<Tab> {
  const cannot = (): Promise<void> => Promise.reject(new Error('Firefox cannot be made to do this.'));
  const before = await processes?.ids();
  const tab = await playwrightTab(page, url, { crash: cannot, freeze: cannot, thaw: cannot });
  if (processes === undefined || before === undefined) return tab;
  const id = await processes.busiest(() => tab.ask('block', 1000), before);
  return {
    ...tab,
    crash: async () => {
      process.kill(id, 'SIGKILL');
      const isAlive = tab.ask('report').then(
        () => true,
        () => false,
      );
      if (await Promise.race([isAlive, wait(500, false)])) throw new Error('Another process was killed.');
    },
  };
}
