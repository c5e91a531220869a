/** One order in the list. */
import type { ReactNode } from 'react';
import { NavLink, useLocation } from 'react-router';
import { age, count, money, STATUS_NAMES } from '../../shared/formats.ts';
import type { OrderSummary } from '../../shared/orders.ts';

/** Leads to the order, and keeps the filter. */
export function OrderRow({ order }: { readonly order: OrderSummary }): ReactNode {
  const { customer, handler, id, pieces, placedAt, status, total, town } = order;
  const { search } = useLocation();
  return (
    <li>
      <NavLink className="row" to={{ pathname: `/orders/${id}`, search }}>
        <span className="customer">{customer}</span>
        <span className="total">{money(total)}</span>
        <span className="facts">
          <span className="number">{id}</span> {town}, {count(pieces, 'piece')}
        </span>
        <span className="state">
          <span className="chip" data-status={status}>
            {STATUS_NAMES[status]}
          </span>
        </span>
        <span className="when">
          {age(placedAt)} ago{handler && `, with ${handler}`}
        </span>
      </NavLink>
    </li>
  );
}
