/** The shop's orders, as the API tells them: what the server and both apps agree on. */

/** How far an order is. */
export type OrderStatus = 'new' | 'packing' | 'ready' | 'shipped';

/** Each status, in the order that an order goes through them. */
export const STATUSES: readonly OrderStatus[] = ['new', 'packing', 'ready', 'shipped'];

/** An order in a list. Instants are epoch milliseconds, amounts of money are cents. */
export interface OrderSummary {
  readonly id: number;
  readonly customer: string;
  readonly town: string;
  readonly placedAt: number;
  readonly status: OrderStatus;
  readonly pieces: number;
  readonly picked: number;
  readonly total: number;
  /** Who has it in hand. Absent: nobody yet. */
  readonly handler?: string | undefined;
}

/** One article of an order. */
export interface OrderLine {
  readonly id: number;
  readonly article: string;
  /** Where it lies in the store room. */
  readonly shelf: string;
  readonly quantity: number;
  /** Cents, of one piece. */
  readonly price: number;
  readonly isPicked: boolean;
}

/** What happened to an order, and who did it. */
export interface OrderStep {
  readonly at: number;
  readonly by: string;
  readonly status: OrderStatus;
}

/** An order with all that is known of it. */
export interface Order extends OrderSummary {
  readonly street: string;
  readonly note?: string | undefined;
  readonly lines: readonly OrderLine[];
  readonly steps: readonly OrderStep[];
}

/** What can be changed: how far an order is, and which of its lines are picked. */
export interface OrderChange {
  readonly status?: OrderStatus;
  /** Ids of the lines that are picked; all others are not. */
  readonly picked?: readonly number[];
}
