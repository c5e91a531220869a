/** Calls the orders API with whatever fetch it is given: `session.fetch` in both apps. */
import type { Order, OrderChange, OrderSummary } from './orders.ts';
import { api } from './settings.ts';

type Fetch = typeof globalThis.fetch;

/** The API said no. */
export class OrdersError extends Error {
  override readonly name = 'OrdersError';

  constructor(readonly status: number) {
    super(`The orders service answered ${status}.`);
  }
}

async function ask<Answer>(fetch: Fetch, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${api}/api/${path}`, init);
  if (!response.ok) throw new OrdersError(response.status);
  const answer: Answer = await response.json();
  return answer;
}

/** All orders, newest first. */
export async function listOrders(fetch: Fetch, signal?: AbortSignal): Promise<readonly OrderSummary[]> {
  const init = signal === undefined ? {} : { signal };
  return (await ask<{ readonly orders: readonly OrderSummary[] }>(fetch, 'orders', init)).orders;
}

/** One order. @throws OrdersError (rejected) with status 404 when there is none. */
export async function findOrder(fetch: Fetch, id: number, signal?: AbortSignal): Promise<Order> {
  return ask(fetch, `orders/${id}`, signal === undefined ? {} : { signal });
}

/** Changes an order in the user's name. Resolves with what it is now. */
export async function changeOrder(fetch: Fetch, id: number, change: OrderChange): Promise<Order> {
  const headers = { 'Content-Type': 'application/json' };
  return ask(fetch, `orders/${id}`, { method: 'PATCH', headers, body: JSON.stringify(change) });
}
