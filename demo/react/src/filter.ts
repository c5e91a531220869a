/** What the list shows, kept in the address so that it survives a reload, a login and a shared link. */
import { useSearchParams } from 'react-router';
import { type OrderStatus, type OrderSummary, STATUSES } from '../../shared/orders.ts';

/** Narrows the list. */
export interface Filter {
  /** Absent: every status. */
  readonly status: OrderStatus | undefined;
  /** In lower case; part of a customer's name, a town or a number. */
  readonly words: string;
}

/** The filter in the address, and how to type other words into it. */
export function useFilter(): readonly [Filter, type: (words: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const status = STATUSES.find((each) => each === parameters.get('status'));
  const filter: Filter = { status, words: parameters.get('q') ?? '' };
  return [filter, (words) => setParameters(searchFor({ status, words }), { replace: true })];
}

/** The address's search for this filter. */
export function searchFor({ status, words }: Filter): URLSearchParams {
  return new URLSearchParams({ ...(status && { status }), ...(words !== '' && { q: words }) });
}

/** The orders that the words fit. */
export function withWords(orders: readonly OrderSummary[], words: string): readonly OrderSummary[] {
  const wanted = words.trim().toLowerCase();
  return orders.filter(({ customer, id, town }) => `${id} ${customer} ${town}`.toLowerCase().includes(wanted));
}

/** Whether the order has this status. Absent: any will do. */
export function isOf(order: OrderSummary, status: OrderStatus | undefined): boolean {
  return status === undefined || order.status === status;
}
