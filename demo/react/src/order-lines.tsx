/** The articles of an order, and what they come to. */
import type { ReactNode } from 'react';
import { money } from '../../shared/formats.ts';
import type { OrderLine } from '../../shared/orders.ts';

interface OrderLinesProps {
  readonly lines: readonly OrderLine[];
  /** Cents. */
  readonly total: number;
}

/** A table. */
export function OrderLines({ lines, total }: OrderLinesProps): ReactNode {
  return (
    <table className="lines">
      <thead>
        <tr>
          <th scope="col">Article</th>
          <th scope="col">Shelf</th>
          <th scope="col">Pieces</th>
          <th scope="col" className="single">
            Each
          </th>
          <th scope="col">Sum</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ article, id, isPicked, price, quantity, shelf }) => (
          <tr key={id} data-picked={isPicked}>
            <th scope="row">
              {article}
              {isPicked && <span className="picked">picked</span>}
            </th>
            <td>{shelf}</td>
            <td>{quantity}</td>
            <td className="single">{money(price)}</td>
            <td>{money(price * quantity)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total</th>
          <td />
          <td />
          <td className="single" />
          <td>{money(total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
