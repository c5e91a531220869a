/** Firefox, through Playwright over WebDriver BiDi. */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, firefox, type Page } from 'playwright';
import { firefoxPath } from '../engines.ts';
import type { Engine, Tab } from './engine.ts';
import { playwrightTab } from './playwright-tab.ts';
import { markProcesses, noProcesses, type Processes } from './processes.ts';

const STARTER = fileURLToPath(new URL('firefox.sh', import.meta.url));
const ALWAYS_SEEN = 'under Playwright every tab of Firefox says that it is visible';

/** Firefox. */
export function createFirefox(): Engine {
  let shared: Promise<Browser> | undefined;
  return {
    name: 'Firefox',
    weight: 2,
    lacks: {
      ...(noProcesses === undefined ? {} : { crash: noProcesses }),
      freeze: 'Firefox freezes no tabs',
      hide: ALWAYS_SEEN,
      throttle: 'Firefox has no timer throttling to one a minute',
    },
    open: async ({ needs }) => {
      const processes = markProcesses();
      // Where a tab is to crash, its process must only be told from the others of one profile.
      const isAlone = needs.includes('crash');
      shared ??= isAlone ? undefined : launch(processes);
      const browser = await (isAlone ? launch(processes) : shared);
      if (browser === undefined) throw new Error('Firefox did not start.');
      const context = await browser.newContext();
      return {
        open: async (url) => openTab(await context.newPage(), url, isAlone ? processes : undefined),
        hideAll: () => Promise.reject(new Error(ALWAYS_SEEN)),
        setOffline: (isOffline) => context.setOffline(isOffline),
        close: () => (isAlone ? browser.close() : context.close()),
      };
    },
    close: async () => (await shared)?.close(),
  };
}

function launch({ environment }: Processes): Promise<Browser> {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: STARTER,
    env: { ...environment, HOLDFAST_FIREFOX_FILE: firefoxPath() },
    // A process for each tab: otherwise four serve all the tabs of a site, and one that is blocked blocks others.
    firefoxUserPrefs: { 'dom.ipc.processCount.webIsolated': 64 },
  });
}

async function openTab(page: Page, url: string, processes: Processes | undefined): Promise<Tab> {
  const cannot = (): Promise<void> => Promise.reject(new Error('Firefox cannot be made to do this.'));
  const tab = await playwrightTab(page, url, { crash: cannot, freeze: cannot, thaw: cannot });
  const id = await processes?.busiest(() => tab.ask('block', 1000));
  if (id === undefined) return tab;
  return {
    ...tab,
    crash: async () => {
      process.kill(id, 'SIGKILL');
      await wait(100);
    },
  };
}
