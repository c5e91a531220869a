/** The app, as a server and a page render it. */
import { SessionProvider } from 'holdfast/react';
import { Orders } from './orders.tsx';
import type * as module from './session.ts';

export function App({ edition, session }: typeof module) {
  return (
    <SessionProvider session={session}>
      <Orders edition={edition} />
    </SessionProvider>
  );
}
