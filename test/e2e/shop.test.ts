/** The three demos as one: one session for all, and one book of orders for both apps. */
import type { Browser } from 'playwright';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { account, APPS, openAtWork, openBeside, SIGNED_OUT } from './clerk.ts';
import { openBrowser, openDemo, start, untilStatus } from './user.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});

// Pages that are left open go on asking servers that are gone.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

test('who signs in to one app is signed in to all, and signing out on the start page ends them all', async ({
  onTestFinished,
}) => {
  const demo = await start(20, onTestFinished, 'react');
  const react = await openAtWork(browser, demo, APPS.React);
  const home = await openBeside(react, new URL('/', demo.url).href);
  await home.getByText('ada is signed in.').waitFor();
  await home.getByRole('link', { name: 'The packing room' }).click();
  await account(home, 'ada').waitFor();
  await account(home, 'ada').click();
  await home.getByRole('link', { name: 'All demos' }).click();
  const plain = await openBeside(react, new URL('/plain/', demo.url).href);
  await untilStatus(plain, 'active');

  await home.getByRole('button', { name: 'Sign out everywhere' }).click();
  await home.getByText('Nobody is signed in.').waitFor();
  await untilStatus(plain, 'ended');
  await react.getByRole('heading', { name: SIGNED_OUT }).waitFor();
});

test('what is packed in the packing room is ready at the order desk', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished, 'vue');
  const room = await openAtWork(browser, demo, APPS.Vue);
  for (const box of await room.getByRole('checkbox').all()) await box.check();
  await room.getByText('All picked.').waitFor();
  await room.getByRole('button', { name: 'Ready to go' }).click();
  await room.getByRole('region', { name: 'Ready to go' }).getByText('Maren Holm').waitFor();

  const desk = await openBeside(room, new URL('/react/orders?status=ready', demo.url).href);
  await desk.getByRole('link', { name: 'Maren Holm' }).click();
  await desk.getByText('Packed by ada').waitFor();
});

test('the filter of the order desk is in its address, and the list is walked with the arrow keys', async ({
  onTestFinished,
}) => {
  const demo = await start(20, onTestFinished, 'react');
  const desk = await openAtWork(browser, demo, APPS.React);
  await desk.keyboard.press('/');
  await desk.keyboard.type('s');
  await desk.getByRole('link', { name: 'Ready 2' }).click();
  await desk.getByRole('link', { name: 'Aoife Brennan' }).focus();
  await desk.keyboard.press('ArrowDown');
  await desk.keyboard.press('Enter');

  await desk.getByRole('heading', { name: 'Ferry Company Samsø' }).waitFor();
  expect(desk.url()).toBe(new URL('orders/2180?status=ready&q=s', demo.url).href);
  await desk.reload();
  await desk.getByRole('heading', { name: 'Ferry Company Samsø' }).waitFor();
  expect(await desk.getByRole('searchbox').inputValue()).toBe('s');
});

test('without orders to show, each page says so', async ({ onTestFinished }) => {
  const demo = await start(20, onTestFinished, 'react');
  const page = await openDemo(browser, { ...demo, url: `${demo.url}orders?q=nobody` });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('User name').fill('ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No order fits.').waitFor();

  for (const app of ['react', 'vue']) {
    await page.goto(new URL(`/${app}/orders/9999`, demo.url).href);
    await page.getByText('There is no such order.').waitFor();
    await page.goto(new URL(`/${app}/no/such/page`, demo.url).href);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  }
});
