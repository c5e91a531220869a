/** How amounts, times and statuses are written. */
import type { OrderStatus } from './orders.ts';

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Cents as euros. */
export function money(cents: number): string {
  return euros.format(cents / 100);
}

/** How long ago, in one unit: `6 min`, `3 h`, `2 d`. */
export function age(at: number, now = Date.now()): string {
  const minutes = Math.max(0, Math.round((now - at) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 24 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** The moment: its time, and its day unless that is today. */
export function moment(at: number, now = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

/** A number with its noun. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a status is called. */
export const STATUS_NAMES: Readonly<Record<OrderStatus, string>> = {
  new: 'New',
  packing: 'Packing',
  ready: 'Ready',
  shipped: 'Shipped',
};
