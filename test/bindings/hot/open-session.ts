/** Opens the session of either app, and keeps a list of those that this page has opened. */
import { createSession, oauth2, type Session } from 'holdfast';

declare global {
  var sessions: Session[];
}

globalThis.sessions ??= [];

export function openSession(): Session {
  const session = createSession({ name: 'hot', server: oauth2({ tokenEndpoint: '/token', clientId: 'spa' }) });
  globalThis.sessions.push(session);
  return session;
}
