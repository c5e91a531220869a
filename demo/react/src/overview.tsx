/** What is beside the list while no order is open: the day in four numbers, and the one that has waited longest. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { age, count, money, STATUS_NAMES } from '../../shared/formats.ts';
import { STATUSES } from '../../shared/orders.ts';
import { ordersQuery } from './order-queries.ts';
import { useTitle } from './title.ts';

/** For wide screens: a narrow one shows the list. */
export function Overview(): ReactNode {
  useTitle('Orders');
  const { data } = useQuery(ordersQuery);
  const open = (data ?? []).filter(({ status }) => status !== 'shipped');
  const oldest = open.findLast(({ status }) => status === 'new');
  return (
    <section className="overview" aria-label="Today">
      {data && (
        <>
          <h2>{open.length === 0 ? 'Everything is on its way' : `${count(open.length, 'order')} to send`}</h2>
          <p className="lead">{money(open.reduce((sum, { total }) => sum + total, 0))} in all.</p>
          <dl className="tally">
            {STATUSES.map((status) => (
              <div key={status}>
                <dt>{STATUS_NAMES[status]}</dt>
                <dd>{data.filter((order) => order.status === status).length}</dd>
              </div>
            ))}
          </dl>
          {oldest && (
            <p>
              Nobody has begun with <Link to={`/orders/${oldest.id}`}>the order of {oldest.customer}</Link>, and it has
              waited for {age(oldest.placedAt)}.
            </p>
          )}
        </>
      )}
    </section>
  );
}
