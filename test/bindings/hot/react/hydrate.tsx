/** Takes over what the server rendered, as late as the record may have been read by then. */
import { hydrateRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { edition, session } from './session.ts';

await session.ready;
hydrateRoot(document.querySelector('#app') ?? document.body, <App edition={edition} session={session} />);
