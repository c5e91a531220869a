/** What the server said, kept for as long as one person's session lasts. */
import { QueryClient } from '@tanstack/react-query';
import { SessionEndedError } from 'holdfast';
import { OrdersError } from '../../shared/orders-client.ts';
import { session } from './session.ts';

function isWorthAnotherTry(failures: number, error: Error): boolean {
  const isFinal = error instanceof SessionEndedError || (error instanceof OrdersError && error.status < 500);
  return !isFinal && failures < 2;
}

/** The app's query client. */
export const queryClient = new QueryClient({
  defaultOptions: {
    // Refusals of the token never come here: holdfast rotates and sends once more.
    queries: { retry: isWorthAnotherTry, retryDelay: 1_000, staleTime: 5_000, refetchInterval: 15_000 },
  },
});

// The next person who signs in here finds nothing of the one before.
session.on('ended', () => queryClient.clear());
