/** What is said when data did not come. */
import { OrdersError } from './orders-client.ts';

/** The words, and whether there is no use in trying again. */
export interface Failure {
  readonly title: string;
  readonly text: string;
  readonly isFinal: boolean;
}

/** `isKept`: what is shown meanwhile is older. */
export function failureOf(error: Error, isKept: boolean): Failure {
  if (error instanceof OrdersError && error.status === 404) {
    return { title: 'There is no such order.', text: 'The number may be mistyped.', isFinal: true };
  }
  return {
    title: isKept ? 'This may be out of date.' : 'The orders could not be loaded.',
    text: error instanceof OrdersError ? error.message : 'The orders service is out of reach.',
    isFinal: false,
  };
}
