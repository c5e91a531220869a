/** The page for an address that leads nowhere. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useTitle } from './title.ts';

/** With the way back. */
export function NotFound(): ReactNode {
  useTitle('Not found');
  return (
    <main className="lost">
      <h1>There is nothing here</h1>
      <p>
        The address may be mistyped. <Link to="/orders">Back to the orders</Link>
      </p>
    </main>
  );
}
