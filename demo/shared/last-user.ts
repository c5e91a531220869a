/** Who was signed in in this tab last: the login page tells why it is shown, and to whom. Never stored. */
import type { Session } from 'holdfast';
import { isLive } from './live.ts';

/** Follows the session. The function tells the name. */
export function followUser(session: Session): () => string | undefined {
  let user: string | undefined;
  const look = (): void => {
    if (isLive(session.state)) user = session.state.user;
  };
  session.subscribe(look);
  look();
  return () => user;
}
