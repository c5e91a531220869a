/** The statuses to choose from, each with the number of orders behind it. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { STATUS_NAMES } from '../../shared/formats.ts';
import { type OrderSummary, STATUSES } from '../../shared/orders.ts';
import { type Filter, isOf, searchFor } from './filter.ts';

interface StatusFilterProps {
  /** Those that are counted. Absent: not known yet. */
  readonly orders: readonly OrderSummary[] | undefined;
  readonly filter: Filter;
}

/** Links: they can be opened in another tab. */
export function StatusFilter({ filter, orders }: StatusFilterProps): ReactNode {
  return (
    <nav className="statuses" aria-label="Status">
      {[undefined, ...STATUSES].map((status) => (
        <Link
          key={status ?? 'all'}
          to={{ search: searchFor({ ...filter, status }).toString() }}
          aria-current={status === filter.status ? 'true' : undefined}
          replace
        >
          {status === undefined ? 'All' : STATUS_NAMES[status]}{' '}
          <span className="number">{orders?.filter((order) => isOf(order, status)).length}</span>
        </Link>
      ))}
    </nav>
  );
}
