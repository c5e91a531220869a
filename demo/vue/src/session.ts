/** The session of this app, and what it remembers of it. */
import { createSession } from 'holdfast';
import { followUser } from '../../shared/last-user.ts';
import { createLogin } from '../../shared/login.ts';
import { sessionOptions } from '../../shared/session-options.ts';

/** The one session of this page. */
export const session = createSession(sessionOptions);

/** The way to the authorization server and back. */
export const login = createLogin('/vue/');

/** Who was signed in here last, for the login page. */
export const lastUser = followUser(session);
