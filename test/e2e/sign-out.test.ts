/** Signing out for good: nothing that was under way brings the session back. */
import type { Browser, Page, Request } from 'playwright';
import { beforeAll, expect, test } from 'vitest';
import { openBrowser, openSignedIn, present, press, rotations, start, untilStatus, SOON } from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

async function signOut(page: Page): Promise<void> {
  await press(page, 'Sign out');
  await untilStatus(page, 'ended');
}

async function expectSignedOut(page: Page): Promise<void> {
  await page.reload();
  await page.getByRole('button', { name: /^Sign in/ }).waitFor();
  expect(await page.locator('body').getAttribute('data-view')).not.toBe('active');
}

/** Resolves when the page's next token request is over, whichever way. */
function tokenRequestEnds(page: Page): Promise<unknown> {
  const isTokenRequest = (request: Request): boolean => request.url().endsWith('/token');
  return Promise.race([
    page.waitForEvent('requestfinished', isTokenRequest),
    page.waitForEvent('requestfailed', isTokenRequest),
  ]);
}

test('signing out revokes the refresh token at the server', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished);
  const page = await openSignedIn(browser, demo);
  const refreshToken = demo.control.issued().at(-1)?.refreshToken;
  await signOut(page);

  expect(await page.getByTestId('reason').textContent()).toBe('signed-out');
  await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBe(1);
  expect(await present(demo, refreshToken)).toBe('invalid_grant');
  await expectSignedOut(page);
});

test('signing out in one tab ends the other', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished);
  const first = await openSignedIn(browser, demo);
  const second = await first.context().newPage();
  await second.goto(demo.url);
  await untilStatus(second, 'active');
  await signOut(first);

  await untilStatus(second, 'ended');
  expect(await second.getByTestId('reason').textContent()).toBe('signed-out');
});

test.concurrent.for([
  ['that the server has not looked at yet', { before: 1200 }],
  ['whose answer is on its way', { after: 1200 }],
] as const)(
  'a rotation %s does not bring a session back that was signed out meanwhile',
  async ([, delay], { expect, onTestFinished }) => {
    const demo = await start(3, onTestFinished);
    const page = await openSignedIn(browser, demo);
    demo.control.delayTokens(delay);
    const isUnderWay = page.waitForRequest((request) => request.url().endsWith('/token'));
    const ends = tokenRequestEnds(page);
    await isUnderWay;
    if ('after' in delay) await expect.poll(() => rotations(demo), SOON).toBe(1);
    await signOut(page);
    await ends;

    await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBeGreaterThan(0);
    expect(await page.locator('body').getAttribute('data-view')).toBe('ended');
    demo.control.reset();
    expect(await present(demo, demo.control.issued().at(-1)?.refreshToken)).toBe('invalid_grant');
    await expectSignedOut(page);
  },
);
