/** Bad days of the authorization server, seen from the user's chair. */
import type { Browser } from 'playwright';
import { beforeAll, test } from 'vitest';
import { lastRequest, openBrowser, openSignedIn, press, start, untilStatus } from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

test.concurrent.for([
  ['answers 503', 'busy'],
  ['cuts every connection', 'cut'],
] as const)(
  'while the server %s, requests wait; all succeed once it is back',
  async ([, mode], { expect, onTestFinished }) => {
    const demo = await start(3, onTestFinished);
    const page = await openSignedIn(browser, demo);
    demo.control.goDown(600, mode);
    await untilStatus(page, 'stale');
    await page.getByTestId('expires-in').filter({ hasText: 'expired' }).waitFor();
    await press(page, '100 calls at once');
    await page.getByTestId('waiting').filter({ hasText: '100 requests wait here.' }).waitFor();
    expect(demo.control.counts().apiCalls).toEqual({});

    // Long enough for the answers of all to be here before it dies, on a busy machine too.
    demo.control.issueFor(30);
    demo.control.comeUp();
    expect(await lastRequest(page)).toBe('200');
    await untilStatus(page, 'active');
    expect(demo.control.counts().apiCalls).toEqual({ 200: 100 });
    expect(demo.control.counts().reuses).toBe(0);
  },
);

test.concurrent('an answer that was lost after the server took the refresh token ends the session instead of hanging', async ({
  expect,
  onTestFinished,
}) => {
  const demo = await start(3, onTestFinished);
  const page = await openSignedIn(browser, demo);
  demo.control.dropAnswers(1);
  await untilStatus(page, 'ended');

  expect(await page.getByTestId('reason').textContent()).toBe('rejected');
  expect(demo.control.counts().reuses).toBe(1);
});
