import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openBrowser, SOON } from '../e2e/user.ts';
import { type Framework, type HotApp, startHotApp } from './hot-app.ts';

let browser: Browser;
let apps: Readonly<Record<Framework, HotApp>>;

beforeAll(async () => {
  const [opened, react, vue] = await Promise.all([openBrowser(), startHotApp('react'), startHotApp('vue')]);
  browser = opened;
  apps = { react, vue };
});

afterAll(async () => {
  await Promise.all([browser.close(), apps.react.close(), apps.vue.close()]);
});

const frameworks = [
  { framework: 'react', component: 'orders.tsx' },
  { framework: 'vue', component: 'orders.vue' },
] as const;

/** Signs in and begins to write. `loads` counts how often the page was loaded. */
async function openSignedIn(framework: Framework) {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  let loads = 0;
  page.on('load', () => (loads += 1));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => void (/error|warning/.test(message.type()) && errors.push(message.text())));
  onTestFinished(() => expect(errors).toEqual([]));
  await page.goto(apps[framework].url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await shows(page, 'active');
  await page.getByRole('textbox').fill('a draft');
  return { page, loads: () => loads };
}

const shows = (page: Page, text: string) => page.locator('output').filter({ hasText: text }).waitFor(SOON);

const draft = (page: Page) => page.getByRole('textbox').inputValue();

/** What each session that the page has opened since it was loaded says of itself. */
const sessions = (page: Page) =>
  page.evaluate(() =>
    Promise.all(
      globalThis.sessions.map((session) =>
        session.token().then(
          () => session.state.status,
          (error: unknown) => String(error),
        ),
      ),
    ),
  );

test.each(frameworks)(
  'with $framework whoever edits a component stays signed in, in the same session',
  async ({ component, framework }) => {
    const { loads, page } = await openSignedIn(framework);
    apps[framework].edit(component, '<h1>Orders</h1>', '<h1>Parcels</h1>');
    await page.getByRole('heading', { name: 'Parcels' }).waitFor(SOON);
    expect(await draft(page)).toBe('a draft');
    apps[framework].edit(component, 'expires_in: 3_600', 'expires_in: 7_200');
    // Vue makes a component anew when its script has changed; React keeps what it holds.
    await expect.poll(() => draft(page), SOON).toBe(framework === 'vue' ? '' : 'a draft');
    await shows(page, 'active');
    await page.evaluate(() => globalThis.sessions[0]?.end());
    await shows(page, 'ended');
    expect([loads(), (await sessions(page)).length]).toEqual([1, 1]);
    apps[framework].edit(component, '<h1>Parcels</h1>', '<h1>Orders</h1>');
  },
);

test('with react a session that is edited is disposed of, and the new one goes on from what is stored', async () => {
  const { loads, page } = await openSignedIn('react');
  apps.react.edit('session.ts', "'first'", "'second'");
  await shows(page, 'second active');
  expect(await sessions(page)).toEqual(['SessionEndedError: The session object was disposed.', 'active']);
  expect(await draft(page)).toBe('a draft');
  apps.react.edit('session.ts', "'second'", "'third'");
  await shows(page, 'third active');
  expect((await sessions(page)).at(-1)).toBe('active');
  await page.evaluate(() => globalThis.sessions.at(-1)?.end());
  await shows(page, 'third ended');
  expect([loads(), (await sessions(page)).length]).toEqual([1, 3]);
  apps.react.edit('session.ts', "'third'", "'first'");
  const leaders = () =>
    page.evaluate(async () => {
      const { held = [], pending = [] } = await navigator.locks.query();
      return [held.filter(({ name }) => name?.endsWith('leader')).length, pending.length];
    });
  await expect.poll(leaders, SOON).toEqual([1, 0]);
});

test('with vue, where nobody takes the new session in, the page is loaded once more, and is still signed in', async () => {
  const { loads, page } = await openSignedIn('vue');
  apps.vue.edit('session.ts', "'first'", "'second'");
  await shows(page, 'second active');
  // As long as a loop would take to show.
  await page.waitForTimeout(500);
  await shows(page, 'second active');
  expect([loads(), await sessions(page)]).toEqual([2, ['active']]);
  apps.vue.edit('session.ts', "'second'", "'first'");
});

test.each(frameworks)(
  'with $framework what Node rendered is hydrated by a page that is signed in',
  async ({ framework }) => {
    const { page } = await openSignedIn(framework);
    const answer = await page.goto(`${apps[framework].url}universal`);
    expect((await answer?.text())?.replaceAll('<!-- -->', '')).toContain('first restoring</output>');
    await shows(page, 'first active');
    expect(await sessions(page)).toEqual(['active']);
  },
);
