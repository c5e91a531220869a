/** The bar on top: whose shop this is, and whose session. */
import { useSession } from 'holdfast/react';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { isLive } from '../../shared/live.ts';
import { Mark } from './mark.tsx';
import { login } from './session.ts';

/** Draws again when another user comes, not at a rotation. */
export function TopBar(): ReactNode {
  const user = useSession((state) => (isLive(state) ? state.user : undefined)) ?? 'unknown';
  const end = useSession((_state, session) => session.end);
  const [isStuck, setStuck] = useState(false);
  const switchUser = (): void => {
    setStuck(false);
    login.leave().catch(() => setStuck(true));
  };
  return (
    <header className="top-bar">
      <Link className="brand" to="/orders">
        <Mark />
        Order desk
      </Link>
      <button type="button" className="account" popoverTarget="account">
        <span className="initial" data-initial={user.slice(0, 1)} />
        <span className="visually-hidden">Account of</span> <span className="name">{user}</span>
      </button>
      <div id="account" className="menu" popover="auto">
        <p>
          Signed in as <strong>{user}</strong>
        </p>
        <button type="button" onClick={switchUser}>
          Switch user
        </button>
        {isStuck && <p role="alert">The sign-in server does not answer.</p>}
        <button type="button" onClick={() => void end()}>
          Sign out in all tabs
        </button>
        <a href="/">All demos</a>
      </div>
    </header>
  );
}
