/** The app that the tests edit. It takes a new session in without a reload. */
import { SessionProvider } from 'holdfast/react';
import { createRoot } from 'react-dom/client';
import { Orders } from './orders.tsx';
import * as first from './session.ts';

const root = createRoot(document.querySelector('#app') ?? document.body);

function show({ edition, session }: typeof first): void {
  root.render(
    <SessionProvider session={session}>
      <Orders edition={edition} />
    </SessionProvider>,
  );
}

show(first);

import.meta.hot?.accept('./session.ts', (next) => {
  if (next) show(next as unknown as typeof first);
});
