/** A tab that Playwright drives. */
import type { Page } from 'playwright';
import type { Tab } from './engine.ts';
import type { Probe } from './page/probe.ts';

/** What Playwright has no word for: each engine has its own way. */
export type Deeds = Pick<Tab, 'crash' | 'freeze' | 'thaw'>;

/** Opens the address in the page. */
export async function playwrightTab(page: Page, url: string, deeds: Deeds): Promise<Tab> {
  const untilReady = async (): Promise<void> => {
    await page.waitForFunction(() => 'probe' in globalThis);
  };
  await page.goto(url);
  await untilReady();

  return {
    ...deeds,
    ask: (name, ...given) =>
      page.evaluate(
        ([name, given]) => {
          const { probe } = globalThis as unknown as { readonly probe: Record<string, (...given: unknown[]) => never> };
          return probe[name]?.(...given);
        },
        [name, given] as const,
      ) as Promise<Awaited<ReturnType<Probe[typeof name]>>>,
    close: () => page.close(),
    reload: async () => {
      await page.reload();
      await untilReady();
    },
    show: () => page.bringToFront(),
    leave: async (url) => {
      await page.goto(url);
    },
    comeBack: async () => {
      await page.evaluate(() => history.back());
      await untilReady();
    },
  };
}
