/** Starts the app that the tests edit. It takes a new session in without a reload. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import * as first from './session.ts';

const root = createRoot(document.querySelector('#app') ?? document.body);
root.render(<App {...first} />);

import.meta.hot?.accept('./session.ts', (next) => {
  if (next) root.render(<App {...(next as unknown as typeof first)} />);
});
