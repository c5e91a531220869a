/** The button that takes an order one step further. */
import type { ReactNode } from 'react';
import type { Order, OrderStatus } from '../../shared/orders.ts';
import { useOrderChange } from './order-queries.ts';

const STEPS: Readonly<Record<OrderStatus, readonly [next: OrderStatus, name: string] | undefined>> = {
  new: ['packing', 'Send to packing'],
  packing: ['ready', 'Mark as ready'],
  ready: ['shipped', 'Mark as shipped'],
  shipped: undefined,
};

/** Nothing when the order is on its way. */
export function NextStep({ order: { id, status } }: { readonly order: Order }): ReactNode {
  const change = useOrderChange(id);
  const step = STEPS[status];
  if (step === undefined) return null;
  const [next, name] = step;
  return (
    <div className="next-step">
      <button
        type="button"
        className="primary"
        aria-disabled={change.isPending}
        onClick={() => !change.isPending && change.mutate({ status: next })}
      >
        {name}
      </button>
      <p role="status">
        {change.isPending && (change.isPaused ? 'Waiting for the network.' : 'Saving.')}
        {change.isError && `Not saved. ${change.error.message}`}
      </p>
    </div>
  );
}
