/** Staying signed in: against a real authorization server, in a real browser. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from 'playwright';
import { beforeAll, expect, test } from 'vitest';
import {
  generation,
  lastRequest,
  openBrowser,
  openSignedIn,
  press,
  rotations,
  signIn,
  start,
  untilStatus,
  SOON,
} from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

test.concurrent('after six token lives without a call, the first call succeeds and the API has refused nothing', async ({
  expect,
  onTestFinished,
}) => {
  const demo = await start(3, onTestFinished);
  const page = await openSignedIn(browser, demo);
  await wait(6 * 3000);
  await press(page, 'Call the API');

  expect(await lastRequest(page)).toBe('200');
  const { apiCalls, reuses, tokenRequests } = demo.control.counts();
  expect(apiCalls).toEqual({ 200: 1 });
  expect(reuses).toBe(0);
  expect(Object.keys(tokenRequests['refresh_token'] ?? {})).toEqual(['ok']);
  expect(rotations(demo)).toBeGreaterThanOrEqual(6);
});

test.concurrent('200 calls on a dead token wait for one rotation, and none fails', async ({
  expect,
  onTestFinished,
}) => {
  // Long enough for the answers of all to be here before the next falls due, on a busy machine too.
  const demo = await start(15, onTestFinished);
  const page = await openSignedIn(browser, demo);
  await page.context().setOffline(true);
  await page.getByTestId('expires-in').filter({ hasText: 'expired' }).waitFor();
  await page.getByTestId('call-many').evaluate((button: HTMLElement) => {
    button.click();
    button.click();
  });
  await page.getByTestId('waiting').filter({ hasText: '200 requests wait here.' }).waitFor();
  const before = rotations(demo);
  await page.context().setOffline(false);
  await expect.poll(() => demo.control.counts().apiCalls, SOON).toEqual({ 200: 200 });

  expect(before).toBe(0);
  expect(rotations(demo)).toBe(1);
  expect(await lastRequest(page)).toBe('200');
  expect(await generation(page)).toBe(1);
});

test.concurrent('two tabs share one session: each rotation happens once, and both follow it', async ({
  expect,
  onTestFinished,
}) => {
  const demo = await start(3, onTestFinished);
  const first = await openSignedIn(browser, demo);
  const second = await first.context().newPage();
  await second.goto(demo.url);
  await untilStatus(second, 'active');
  for (const page of [first, second]) await expect.poll(() => generation(page), SOON).toBeGreaterThan(2);

  await expect
    .poll(async () => [await generation(first), await generation(second), rotations(demo)], SOON)
    .toSatisfy((counts: readonly number[]) => new Set(counts).size === 1);
  expect(demo.control.counts().reuses).toBe(0);
});

test('a reload keeps the session', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished);
  const page = await openSignedIn(browser, demo);
  await page.reload();
  await untilStatus(page, 'active');
  await press(page, 'Call the API');

  expect(await lastRequest(page)).toBe('200');
  expect(await page.getByTestId('user').textContent()).toBe('ada');
  expect(demo.control.counts().tokenRequests).toEqual({ authorization_code: { ok: 1 } });
});

test('a token that the API suddenly refuses costs one refusal, one rotation and one more send; the caller sees 200', async ({
  onTestFinished,
}) => {
  const demo = await start(20, onTestFinished);
  const page = await openSignedIn(browser, demo);
  await press(page, 'Call the API');
  expect(await lastRequest(page)).toBe('200');
  await press(page, 'Expire the access token');
  await page.locator('[data-testid="entry"][data-status="expired"]').waitFor();
  await press(page, 'Call the API');

  expect(await lastRequest(page)).toBe('200');
  expect(demo.control.counts().apiCalls).toEqual({ 200: 2, 401: 1 });
  expect(rotations(demo)).toBe(1);
});

test('when somebody else signs in, the other tab ends and does not become that user', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished);
  const ada = await openSignedIn(browser, demo, 'ada');
  const grace = await ada.context().newPage();
  await grace.goto(demo.url);
  await signIn(grace, 'grace', 'Switch user');
  await untilStatus(ada, 'ended');

  expect(await ada.getByTestId('reason').textContent()).toBe('replaced');
  await press(grace, 'Call the API');
  expect(await lastRequest(grace)).toBe('200');
});
