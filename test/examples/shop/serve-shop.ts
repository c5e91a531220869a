/** The shop's own web server: its pages, for a browser that Playwright drives. */
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright';
import { buildPage } from '../../../demo/server/page-files.ts';

/** Where the shop is. Nothing listens there: the browser is answered before it asks. */
export const SHOP = 'https://shop.example.com';

/** Lets the pages of a browser open the shop. */
export async function serveShop(context: BrowserContext): Promise<void> {
  const files = await buildPage(fileURLToPath(new URL('.', import.meta.url)));
  await context.route(`${SHOP}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    await route.fulfill(
      file === undefined
        ? { status: 404 }
        : { contentType: file.type, body: typeof file.content === 'string' ? file.content : Buffer.from(file.content) },
    );
  });
}
