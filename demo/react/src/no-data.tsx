/** What stands where data will be: while it is on its way, and when it did not come. */
import type { ReactNode } from 'react';
import { failureOf } from '../../shared/failures.ts';

interface SkeletonProps {
  readonly rows: number;
  /** There is no network: it may take a while. */
  readonly isWaiting: boolean;
}

/** Grey rows in the shape of what comes. */
export function Skeleton({ isWaiting, rows }: SkeletonProps): ReactNode {
  return (
    <div className="skeleton" role="status" aria-label={isWaiting ? 'Waiting for the network' : 'Loading'}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

interface FailureProps {
  readonly error: Error;
  /** What is shown is older. */
  readonly isKept: boolean;
  readonly retry: () => unknown;
}

/** What went wrong, and the way to try again. */
export function Failure({ error, isKept, retry }: FailureProps): ReactNode {
  const { title, text, isFinal } = failureOf(error, isKept);
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{title}</strong> {text}
      </p>
      {!isFinal && (
        <button type="button" onClick={() => void retry()}>
          Try again
        </button>
      )}
    </div>
  );
}
