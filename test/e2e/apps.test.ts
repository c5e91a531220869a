/** The example apps, React's and Vue's, as the people of the shop use them: in several tabs, on good days and on bad ones. */
import type { Browser } from 'playwright';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  account,
  APPS,
  choose,
  comeBack,
  openAtWork,
  openBeside,
  ORDER,
  SIGNED_OUT,
  signInAs,
  watchForLogin,
} from './clerk.ts';
import { openBrowser, openDemo, start, SOON } from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

// Pages that are left open go on asking servers that are gone.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

describe.for(['React', 'Vue'] as const)('%s', (framework) => {
  const app = APPS[framework];

  test('a link to an order leads to the login, and after it to that order', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openDemo(browser, { ...demo, url: `${demo.url}${ORDER}` });
    await page.getByRole('heading', { name: app.name }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/${app.folder}/sign-in`);
    await signInAs(page, 'ada');

    await page.getByText(app.opened).waitFor();
    expect(page.url()).toBe(`${demo.url}${ORDER}`);
  });

  test('a reload stays where it was, and the login page does not flash up', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openAtWork(browser, demo, app);
    const hasSeenLogin = await watchForLogin(page);
    await page.reload();
    await page.getByText(app.opened).waitFor();

    expect(page.url()).toBe(`${demo.url}${ORDER}`);
    expect(await hasSeenLogin()).toBe(false);
    expect(demo.control.counts().tokenRequests).toEqual({ authorization_code: { ok: 1 } });
  });

  test('signing out in one tab brings both to the login page, which says why', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const first = await openAtWork(browser, demo, app);
    const second = await openBeside(first, `${demo.url}${app.list}`);
    await account(second, 'ada').waitFor();
    await choose(second, 'ada', 'Sign out in all tabs');

    for (const page of [first, second]) {
      await page.getByRole('heading', { name: SIGNED_OUT }).waitFor();
      expect(await page.getByText('The session of ada').count()).toBe(1);
      expect(await page.getByText('Maren Holm').count()).toBe(0);
    }
    await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBe(1);
    await signInAs(first, 'ada');
    await first.getByText(app.opened).waitFor();
    expect(first.url()).toBe(`${demo.url}${ORDER}`);
  });

  test('when somebody else signs in, the other tab says so, and shows and sends nothing under the new name', async ({
    onTestFinished,
  }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const ada = await openAtWork(browser, demo, app);
    const grace = await openBeside(ada, `${demo.url}${app.list}`);
    await choose(grace, 'ada', 'Switch user');
    await grace.getByLabel('User name').fill('grace');
    await grace.getByRole('button', { name: 'Sign in' }).click();
    await account(grace, 'grace').waitFor();

    await ada.getByRole('heading', { name: 'Somebody else signed in' }).waitFor();
    expect(await ada.getByText('This tab was open for ada').count()).toBe(1);
    expect(await ada.content()).not.toContain('grace');
    expect(await ada.getByText('Maren Holm').count()).toBe(0);
    const sent: string[] = [];
    ada.on('request', (request) => sent.push(request.url()));
    await comeBack(ada);
    expect(sent).toEqual([]);

    await ada.getByRole('link', { name: 'Go on as the new user' }).click();
    await account(ada, 'grace').waitFor();
    await ada.getByText(app.opened).waitFor();
  });

  test('a token that is refused is not noticed', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openAtWork(browser, demo, app);
    const hasSeenLogin = await watchForLogin(page);
    demo.control.refuseAccessTokens();
    await app.change(page);
    await app.changed(page).waitFor();

    expect(await hasSeenLogin()).toBe(false);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(demo.control.counts().apiCalls['401']).toBeGreaterThan(0);
  });

  test('while the sign-in server is down, what is shown stays, and a change waits until it is back', async ({
    onTestFinished,
  }) => {
    const demo = await start(3, onTestFinished, app.folder);
    const page = await openAtWork(browser, demo, app);
    demo.control.goDown(600);
    await page.getByText('Changes wait, and go out when it is back.').waitFor();
    expect(await page.getByText(app.opened).isVisible()).toBe(true);
    await app.change(page);
    await page.getByRole('status').filter({ hasText: 'Saving.' }).waitFor();

    demo.control.comeUp();
    await app.changed(page).waitFor();
    await page.getByText('The sign-in server does not answer').waitFor({ state: 'detached' });
    expect(demo.control.counts().apiCalls['401']).toBeUndefined();
  });

  test('offline, what is shown stays', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openAtWork(browser, demo, app);
    await page.context().setOffline(true);
    await page.getByText('You are offline').waitFor();

    expect(await page.getByText(app.opened).isVisible()).toBe(true);
    await page.context().setOffline(false);
    await page.getByText('You are offline').waitFor({ state: 'detached' });
  });

  test('orders that cannot be loaded can be asked for again', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openAtWork(browser, demo, app);
    await page.route(`${demo.api}/api/**`, (route) => route.fulfill({ status: 400, body: '{}' }));
    await page.goto(`${demo.url}${app.list}`);
    await page.getByText('The orders could not be loaded.').waitFor();
    await page.unroute(`${demo.api}/api/**`);
    await page.getByRole('button', { name: 'Try again' }).first().click();

    await page.getByText('Maren Holm').first().waitFor();
  });

  test('a login that fails says so, and can be tried again', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openDemo(browser, demo);
    demo.control.goDown(600);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The sign-in did not succeed.').waitFor();
    demo.control.comeUp();

    await signInAs(page, 'ada');
  });

  test('the login page leads to no other site', async ({ onTestFinished }) => {
    const demo = await start(20, onTestFinished, app.folder);
    const page = await openDemo(browser, { ...demo, url: `${demo.url}sign-in?to=//example.com/` });
    await signInAs(page, 'ada');

    expect(page.url()).toBe(`${demo.url}${app.list}`);
  });
});
