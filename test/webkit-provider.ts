/** Lets vitest run the browser's tests in WebKitGTK, as it runs them in others through Playwright. */
import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProviderOption } from 'vitest/node';
import { startWebKit, type WebKit } from './webkit-driver.ts';

export function webKitProvider(): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'webkitgtk',
    providerFactory: () => {
      let started: Promise<WebKit> | undefined;
      return {
        name: 'webkitgtk',
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        openPage: async (_session, url) => {
          started ??= startWebKit();
          const { driver } = await started;
          await driver.get(url);
        },
        close: async () => (await started)?.close(),
      };
    },
  });
}
