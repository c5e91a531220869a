/** The frame of every page that only signed-in people see. */
import { SessionGuard } from 'holdfast/react';
import type { ReactNode } from 'react';
import { Navigate, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { OutageBanner } from './outage-banner.tsx';
import { TopBar } from './top-bar.tsx';

/** Leads to the login page whoever is not signed in, and back here afterwards. */
export function SignedIn(): ReactNode {
  const { pathname, search } = useLocation();
  const signIn = `/sign-in?${new URLSearchParams({ to: `${pathname}${search}` }).toString()}`;
  return (
    <SessionGuard
      restoring={<p className="splash">Opening the order desk</p>}
      signedOut={<Navigate to={signIn} replace />}
    >
      <ScrollRestoration />
      <TopBar />
      <Outlet />
      <OutageBanner />
    </SessionGuard>
  );
}
