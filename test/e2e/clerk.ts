/** Somebody at work in the shop's apps: signs in, opens orders, and reads what the page says. */
import type { Browser, Locator, Page } from 'playwright';
import type { Demo } from '../../demo/server/demo.ts';
import { openDemo } from './user.ts';

/** How the two apps differ for who works in them. */
export interface App {
  readonly folder: 'react' | 'vue';
  /** The page that opens first. */
  readonly name: string;
  /** What is shown of the order in the deep link. */
  readonly opened: string;
  /** Where a list of all open orders is, below the app. */
  readonly list: string;
  /** Changes the opened order, until the change is on its way. */
  readonly change: (page: Page) => Promise<void>;
  /** What is there once the server has taken the change. */
  readonly changed: (page: Page) => Locator;
}

/** The apps by their frameworks' names. */
export const APPS: Readonly<Record<'React' | 'Vue', App>> = {
  React: {
    folder: 'react',
    name: 'Order desk',
    opened: 'Brass cleat, 150 mm',
    list: 'orders',
    change: (page) => page.getByRole('button', { name: 'Send to packing' }).click(),
    changed: (page) => page.getByRole('button', { name: 'Mark as ready' }),
  },
  Vue: {
    folder: 'vue',
    name: 'Packing room',
    opened: 'Brass cleat, 150 mm',
    list: '',
    change: (page) => page.getByRole('checkbox', { name: 'Brass cleat' }).check(),
    changed: (page) => page.getByRole('status').filter({ hasText: '2 of 3 left to pick.' }),
  },
};

/** Where an order is that nobody has begun with, Maren Holm's: a link from a mail. */
export const ORDER = 'orders/2187?from=mail';

/** The heading of the login page that says why it is shown. */
export const SIGNED_OUT = 'You are signed out';

/** Signs in from the app's login page. */
export async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByLabel('User name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await account(page, name).waitFor();
}

/** The button that says who is signed in. */
export function account(page: Page, name: string): Locator {
  return page.getByRole('button', { name: `Account of ${name}` });
}

/** Chooses from the account's menu. */
export async function choose(page: Page, name: string, choice: string): Promise<void> {
  await account(page, name).click();
  await page.getByRole('button', { name: choice }).click();
}

/** Opens Maren Holm's order where nobody has been before, and signs in. */
export async function openAtWork(browser: Browser, demo: Demo, app: App, name = 'ada'): Promise<Page> {
  const page = await openDemo(browser, { ...demo, url: `${demo.url}${ORDER}` });
  page.context().on('weberror', (error) => {
    throw error.error();
  });
  await signInAs(page, name);
  await page.getByText(app.opened).waitFor();
  return page;
}

/** Opens a page beside another, in the same browser profile. */
export async function openBeside(page: Page, url: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(url);
  return other;
}

/** Does what makes an app ask for its data again: comes back to the tab, and to the network. */
export async function comeBack(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const type of ['online', 'focus']) dispatchEvent(new Event(type));
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Notes from now on, over reloads, whether the login page was ever shown. The function tells. */
export async function watchForLogin(page: Page): Promise<() => Promise<boolean>> {
  await page.addInitScript(() => {
    new MutationObserver(() => {
      const isThere = document.querySelector('.sign-in') !== null || location.pathname.endsWith('/sign-in');
      if (isThere) sessionStorage.setItem('saw-login', 'yes');
    }).observe(document, { childList: true, subtree: true });
  });
  return async () => (await page.evaluate(() => sessionStorage.getItem('saw-login'))) !== null;
}
