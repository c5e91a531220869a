/**
 * An app's own tests under vitest: the real session, in a world where the test says what happens.
 *
 * @vitest-environment jsdom
 */
import { createWorld, settle, type World } from 'holdfast/testing';
import { expect, test } from 'vitest';
import { showOrders } from './shop/orders-page.ts';

/** The shop as ada sees it who has just signed in. */
async function openShop(): Promise<World> {
  const world = createWorld({ life: 60, api: () => Response.json(['A book', 'Two apples']) });
  const session = world.openTab();
  showOrders(document.body, session);
  await session.start(world.server.login('ada'));
  return world;
}

const status = () => document.querySelector('[role="status"]')?.textContent;
const orders = () => [...document.querySelectorAll('li')].map((item) => item.textContent);

async function press(name: string): Promise<void> {
  [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)?.click();
  await settle();
}

test('the orders are shown although the token has expired', async () => {
  const world = await openShop();
  world.server.expireTokens();
  await press('Show orders');
  expect(orders()).toEqual(['A book', 'Two apples']);
});

test('whoever signs out in another tab is signed out here', async () => {
  const world = await openShop();
  await world.openTab().end();
  await settle();
  expect(status()).toBe('Please sign in again: signed-out.');
});

test('while the server is down the orders are waited for', async () => {
  const world = await openShop();
  world.server.goDown(60);
  await world.advance(50);
  await press('Show orders');
  expect(status()).toBe('The shop cannot be reached. Still trying.');
  expect(orders()).toEqual([]);
  await world.advance(40);
  expect(status()).toBe('You are signed in.');
  expect(orders()).toEqual(['A book', 'Two apples']);
});

test('a session that the server has ended leads back to the login', async () => {
  const world = await openShop();
  world.server.endSessions();
  await press('Show orders');
  expect(status()).toBe('Please sign in again: rejected.');
});
