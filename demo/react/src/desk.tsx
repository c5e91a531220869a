/** The desk: the list of orders beside whatever is open. */
import type { ReactNode } from 'react';
import { Outlet, useParams } from 'react-router';
import { OrderList } from './order-list.tsx';

/** On a narrow screen one of the two. */
export function Desk(): ReactNode {
  const { id } = useParams();
  return (
    <main className="desk" data-open={id === undefined ? 'list' : 'order'}>
      <h1 id="orders-heading" className="visually-hidden">
        Orders
      </h1>
      <OrderList />
      <Outlet />
    </main>
  );
}
