/** The list of orders: filtered by status and words, walked with the arrow keys. */
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { count, moment } from '../../shared/formats.ts';
import { type OrderSummary } from '../../shared/orders.ts';
import { type Filter, isOf, useFilter, withWords } from './filter.ts';
import { Failure, Skeleton } from './no-data.tsx';
import { OrderRow } from './order-row.tsx';
import { ordersQuery } from './order-queries.ts';
import { StatusFilter } from './status-filter.tsx';

/** With everything that it takes to find one. */
export function OrderList(): ReactNode {
  const [filter, type] = useFilter();
  const orders = useQuery(ordersQuery);
  const search = useSearchKey();
  const found = orders.data && withWords(orders.data, filter.words);
  return (
    <section className="order-list" aria-labelledby="orders-heading">
      <div className="finder">
        <input
          ref={search}
          type="search"
          aria-label="Search orders"
          placeholder="Customer, town or number"
          aria-keyshortcuts="/"
          value={filter.words}
          onChange={(event) => type(event.target.value)}
        />
        <StatusFilter orders={found} filter={filter} />
      </div>
      {orders.isPending && <Skeleton rows={7} isWaiting={orders.fetchStatus === 'paused'} />}
      {orders.isError && <Failure error={orders.error} isKept={orders.data !== undefined} retry={orders.refetch} />}
      {found && <Rows orders={found} filter={filter} />}
      {orders.data && <p className="as-of">As of {moment(orders.dataUpdatedAt)}</p>}
    </section>
  );
}

function Rows({ filter, orders }: { readonly filter: Filter; readonly orders: readonly OrderSummary[] }): ReactNode {
  const shown = orders.filter((order) => isOf(order, filter.status));
  return (
    <>
      <p className="visually-hidden" role="status">
        {count(shown.length, 'order')}
      </p>
      {shown.length === 0 && <p className="nothing">No order fits. Try fewer words, or another status.</p>}
      <ol className="rows" onKeyDown={walk}>
        {shown.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </ol>
    </>
  );
}

/** Up and down move from one order to the next. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** A slash leads to the search, unless somebody is typing. */
function useSearchKey(): React.RefObject<HTMLInputElement | null> {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  return input;
}
