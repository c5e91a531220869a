/** The session of this app. */
/// <reference types="vite/client" />
import { openSession } from '../open-session.ts';

export const edition = 'first';

export const session = openSession();

import.meta.hot?.dispose(session.dispose);
