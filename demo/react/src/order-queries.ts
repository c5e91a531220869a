/** Orders by TanStack Query: its functions are the API's calls with `session.fetch`. */
import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useSession } from 'holdfast/react';
import { changeOrder, findOrder, listOrders } from '../../shared/orders-client.ts';
import type { Order, OrderChange } from '../../shared/orders.ts';
import { session } from './session.ts';

/** All orders. */
export const ordersQuery = queryOptions({
  queryKey: ['orders'],
  queryFn: ({ signal }) => listOrders(session.fetch, signal),
});

/** One order with its lines. */
export function orderQuery(id: number) {
  return queryOptions({
    queryKey: ['orders', id],
    queryFn: ({ signal }) => findOrder(session.fetch, id, signal),
  });
}

/** Changes an order, and what is shown of it once the server has said yes. */
export function useOrderChange(id: number): UseMutationResult<Order, Error, OrderChange> {
  const client = useQueryClient();
  const fetch = useSession((_state, { fetch }) => fetch);
  return useMutation({
    mutationFn: (change: OrderChange) => changeOrder(fetch, id, change),
    onSuccess: (order) => {
      client.setQueryData(orderQuery(id).queryKey, order);
      return client.invalidateQueries({ queryKey: ordersQuery.queryKey, exact: true });
    },
  });
}
