/** Leaving the page and coming back by the browser's buttons: the page is kept as it was, and in between it is no one's leader. */
import { type Browser, chromium, type Page } from 'playwright';
import { beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../demo/server/demo.ts';
import { args, executablePath } from '../chromium.ts';
import { generation, openSignedIn, SOON, start, untilStatus } from './user.ts';

const LEADS = 'This tab rotates for all tabs.';
const FOLLOWS = 'Another tab rotates; this one follows.';

let browser: Browser;

beforeAll(async () => {
  // Playwright switches the cache off.
  browser = await chromium.launch({
    executablePath: executablePath(),
    args: [...args],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  return () => browser.close();
});

function expectRole(page: Page, role: string): Promise<void> {
  return expect.poll(() => page.getByTestId('role').textContent(), SOON).toBe(role);
}

/** Goes to a page of another site. */
async function leave(page: Page, { issuer }: Demo): Promise<void> {
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Reflect.set(globalThis, 'wasKept', persisted), { once: true });
  });
  await page.goto(`${issuer}/.well-known/openid-configuration`);
}

/** Comes back. Tells whether the page was kept: one that is loaded anew knows nothing of how it was left. */
async function comeBack(page: Page): Promise<unknown> {
  // Not until "load": a page out of the cache does not load.
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.readyState === 'complete');
  return page.evaluate(() => Reflect.get(globalThis, 'wasKept'));
}

test('a page is kept for the back button, whether it leads or follows, and another leads meanwhile', async ({
  onTestFinished,
}) => {
  const demo = await start(20, onTestFinished);
  const leader = await openSignedIn(browser, demo);
  const follower = await leader.context().newPage();
  await follower.goto(demo.url);
  await expectRole(leader, LEADS);
  await expectRole(follower, FOLLOWS);

  await leave(follower, demo);
  expect(await comeBack(follower)).toBe(true);
  await expectRole(follower, FOLLOWS);

  await leave(leader, demo);
  await expectRole(follower, LEADS);
  expect(await comeBack(leader)).toBe(true);
  await expectRole(leader, FOLLOWS);

  await follower.close();
  await expectRole(leader, LEADS);
});

test('a page that was kept has the tokens of now, whatever was told while it was away', async ({ onTestFinished }) => {
  const demo = await start(3, onTestFinished);
  const page = await openSignedIn(browser, demo);
  const other = await page.context().newPage();
  await other.goto(demo.url);
  await untilStatus(other, 'active');
  const before = await generation(page);
  // Just after a rotation none is under way: one would hold a lock that the other tab asks for.
  await expect.poll(() => generation(page), SOON).toBeGreaterThan(before);

  await leave(page, demo);
  await expect.poll(() => generation(other), SOON).toBeGreaterThan(before + 2);
  expect(await comeBack(page)).toBe(true);
  await expect.poll(() => generation(page), SOON).toBeGreaterThanOrEqual(await generation(other));
  expect(await page.locator('body').getAttribute('data-view')).toBe('active');
});
