/** Renders the app on a server, with the same session module as in the page. */
import { renderToString } from 'react-dom/server';
import { App } from './app.tsx';
import { edition, session } from './session.ts';

export const render = (): string => renderToString(<App edition={edition} session={session} />);
