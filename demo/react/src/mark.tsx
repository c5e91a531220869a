/** The shop's mark: a kedge. */
import type { ReactNode } from 'react';

/** Decoration beside the name. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="4.5" r="2" />
      <path d="M12 6.5V21M7.5 10h9M4 14c.6 4 3.8 7 8 7s7.4-3 8-7M4 14l-1.5 2.5M4 14l2.8 1M20 14l1.5 2.5M20 14l-2.8 1" />
    </svg>
  );
}
