/** The login page: why it is shown, and the way in. */
import { useSession } from 'holdfast/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { endingOf } from '../../shared/endings.ts';
import { isLive } from '../../shared/live.ts';
import { returnPath } from '../../shared/return-path.ts';
import { Mark } from './mark.tsx';
import { lastUser, login } from './session.ts';
import { useTitle } from './title.ts';

/** `problem`: what went wrong with the sign-in before. */
export function SignInPage({ problem }: { readonly problem: unknown }): ReactNode {
  const state = useSession();
  const [parameters] = useSearchParams();
  const to = returnPath(parameters.get('to'));
  useTitle('Sign in');

  if (state.status === 'restoring') return <p className="splash">Opening the order desk</p>;
  if (isLive(state)) return <Navigate to={to} replace />;
  const ending = endingOf(state, lastUser());
  return (
    <main className="sign-in">
      <div>
        <p className="house">
          <Mark />
          Kedge &amp; Daughters
        </p>
        <Heading key={state.status}>{ending?.title ?? 'Order desk'}</Heading>
        <p className="lead" role={ending && 'status'}>
          {ending?.text ?? 'Every order of the shop, from the counter and the web, until it is on its way.'}
        </p>
        <WayIn
          to={`/react${to}`}
          isReplaced={state.status === 'ended' && state.reason === 'replaced'}
          problem={ending === undefined ? problem : undefined}
        />
      </div>
    </main>
  );
}

/** Takes the focus: whoever cannot see that the page has changed hears it. */
function Heading({ children }: { readonly children: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

interface WayInProps {
  /** Where to go afterwards. */
  readonly to: string;
  readonly isReplaced: boolean;
  readonly problem: unknown;
}

function WayIn({ isReplaced, problem, to }: WayInProps): ReactNode {
  const [isLeaving, setLeaving] = useState(false);
  const [failure, setFailure] = useState(problem);
  // Whoever comes back by the browser's button finds the page as it was left.
  useEffect(() => {
    const wake = (): void => setLeaving(false);
    addEventListener('pageshow', wake);
    return () => removeEventListener('pageshow', wake);
  }, []);

  const leave = (): void => {
    setLeaving(true);
    setFailure(undefined);
    login.leave(to).catch((error: unknown) => {
      setLeaving(false);
      setFailure(error);
    });
  };

  return (
    <>
      {failure !== undefined && (
        <p className="complaint" role="alert">
          <strong>The sign-in did not succeed.</strong> The sign-in server may be out of reach. Please try again.
        </p>
      )}
      <div className="ways">
        <button type="button" className="primary large" disabled={isLeaving} onClick={leave}>
          {isLeaving ? 'Opening the sign-in' : 'Sign in'}
        </button>
        {isReplaced && (
          // A page that is loaded anew takes the session that is there now.
          <a className="button large" href={to}>
            Go on as the new user
          </a>
        )}
      </div>
    </>
  );
}
