/** The page of one order. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation, useParams } from 'react-router';
import { moment, STATUS_NAMES } from '../../shared/formats.ts';
import type { Order, OrderStatus } from '../../shared/orders.ts';
import { Failure, Skeleton } from './no-data.tsx';
import { NextStep } from './next-step.tsx';
import { OrderLines } from './order-lines.tsx';
import { orderQuery } from './order-queries.ts';
import { useTitle } from './title.ts';

const STEP_NAMES: Readonly<Record<OrderStatus, string>> = {
  new: 'Placed',
  packing: 'Sent to packing',
  ready: 'Packed',
  shipped: 'Shipped',
};

/** For the id in the address. */
export function OrderPage(): ReactNode {
  const id = Number(useParams()['id']);
  const order = useQuery(orderQuery(id));
  const { search } = useLocation();
  useTitle(`Order ${id}`);
  return (
    <article className="order" key={id}>
      <Link className="back" to={{ pathname: '/orders', search }}>
        All orders
      </Link>
      {order.isPending && <Skeleton rows={4} isWaiting={order.fetchStatus === 'paused'} />}
      {order.isError && <Failure error={order.error} isKept={order.data !== undefined} retry={order.refetch} />}
      {order.data && <OrderSheet order={order.data} />}
    </article>
  );
}

function OrderSheet({ order }: { readonly order: Order }): ReactNode {
  const { customer, handler, id, lines, note, placedAt, status, steps, street, total, town } = order;
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opened it from the list reads on here.
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  return (
    <>
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {customer}
        </h2>
        <span className="chip" data-status={status}>
          {STATUS_NAMES[status]}
        </span>
        <p className="quiet">Order {id}</p>
      </header>
      <dl className="facts">
        <div>
          <dt>Placed</dt>
          <dd>{moment(placedAt)}</dd>
        </div>
        <div>
          <dt>Goes to</dt>
          <dd>
            {street}, {town}
          </dd>
        </div>
        <div>
          <dt>In hand</dt>
          <dd>{handler ?? 'Nobody yet'}</dd>
        </div>
      </dl>
      {note && <p className="note">{note}</p>}
      <NextStep order={order} />
      <OrderLines lines={lines} total={total} />
      <h3>History</h3>
      <ol className="steps">
        {steps.toReversed().map(({ at, by, status: step }) => (
          <li key={at}>
            <span className="when">{moment(at)}</span> {STEP_NAMES[step]} by {by}
          </li>
        ))}
      </ol>
    </>
  );
}
