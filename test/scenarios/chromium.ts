/** Chromium, through Playwright and its DevTools protocol. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { args, executablePath } from '../chromium.ts';
import type { Engine, Profile, Tab } from './engine.ts';
import { playwrightTab } from './playwright-tab.ts';

/** Chromium. */
export function createChromium(): Engine {
  let shared: Promise<Browser> | undefined;
  return {
    name: 'Chromium',
    lacks: {},
    open: async ({ isSeen }) => {
      if (!isSeen) return openWindow();
      shared ??= chromium.launch({ executablePath: executablePath(), args: [...args] });
      const context = await (await shared).newContext();
      return profileOf(context, () => context.close());
    },
    close: async () => (await shared)?.close(),
  };
}

/** A browser of its own, started as a user starts it. Playwright's own start makes every page say that it is seen. */
async function openWindow(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const child = spawn(
    executablePath(),
    [
      ...args,
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      // Pages that are not seen have one timer a minute after five seconds of that, not after five minutes.
      '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/5',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async (browser: Browser): Promise<void> => {
    await browser.close();
    child.kill();
    await gone;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const address = await new Promise<string | undefined>((resolve) => {
    void gone.then(() => resolve(undefined));
    createInterface(child.stderr).on('line', (line) => {
      const [, found] = /listening on (ws:\S+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  if (address === undefined) throw new Error('Chromium did not start.');
  const browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('Chromium has no window.');
  return profileOf(context, () => stop(browser));
}

function profileOf(context: BrowserContext, close: () => Promise<void>): Profile {
  return {
    open: async (url) => openTab(await context.newPage(), url),
    hideAll: async () => {
      await (await context.newPage()).bringToFront();
    },
    setOffline: (isOffline) => context.setOffline(isOffline),
    close,
  };
}

async function openTab(page: Page, url: string): Promise<Tab> {
  const devtools = await page.context().newCDPSession(page);
  return playwrightTab(page, url, {
    crash: async () => {
      const crashed = page.waitForEvent('crash');
      // Never answered: who should have is dead.
      devtools.send('Page.crash').catch(() => undefined);
      await crashed;
    },
    freeze: async () => {
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    },
    thaw: async () => {
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    },
  });
}
