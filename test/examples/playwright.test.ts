/** An app's own end-to-end tests with Playwright: its real pages in a real browser, and a token server that does as it is told. */
import { fakeServer, type FakeServer } from 'holdfast/testing';
import { type Browser, chromium, type Page } from 'playwright';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { args, executablePath } from '../chromium.ts';
import { serveShop, SHOP } from './shop/serve-shop.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: executablePath(), args: [...args] });
  return () => browser.close();
});

/** The shop as ada sees it who has just signed in. */
async function openShop(server: FakeServer): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  await serveShop(context);
  await context.route(/\/(api|oauth)\//, server.answerRoute);
  await context.route('**/login', (route) => route.fulfill({ json: server.login('ada') }));
  const page = await context.newPage();
  await page.goto(SHOP);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('You are signed in.').waitFor();
  return page;
}

const api = () => Response.json(['A book', 'Two apples']);

test('the orders are shown although the token has expired', async () => {
  const server = fakeServer({ api });
  const page = await openShop(server);
  server.expireTokens();
  await page.getByRole('button', { name: 'Show orders' }).click();
  await page.getByText('Two apples').waitFor();
  expect(server.rotations()).toBe(1);
});

test('whoever signs out in another tab is signed out here', async () => {
  const server = fakeServer({ api });
  const page = await openShop(server);
  const other = await page.context().newPage();
  await other.goto(SHOP);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Please sign in again: signed-out.').waitFor();
});

test('while the server is down the page says so, and it goes on when the server is back', async () => {
  const server = fakeServer({ api, life: 4 });
  const page = await openShop(server);
  const comeBack = server.goDown(60);
  await page.getByText('The shop cannot be reached. Still trying.').waitFor();
  comeBack();
  await page.getByText('You are signed in.').waitFor();
  await page.getByRole('button', { name: 'Show orders' }).click();
  await page.getByText('Two apples').waitFor();
});
