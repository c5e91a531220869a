/** Which page is where, and which of them are for signed-in people only. */
import { createBrowserRouter, Navigate } from 'react-router';
import { Desk } from './desk.tsx';
import { NotFound } from './not-found.tsx';
import { OrderPage } from './order-page.tsx';
import { Overview } from './overview.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { SignedIn } from './signed-in.tsx';

/** Makes the app's router. `problem`: what went wrong with the sign-in that the page came back from. */
export function createRouter(problem: unknown): ReturnType<typeof createBrowserRouter> {
  return createBrowserRouter(
    [
      { path: '/sign-in', element: <SignInPage problem={problem} /> },
      {
        element: <SignedIn />,
        children: [
          { index: true, element: <Navigate to="/orders" replace /> },
          {
            path: '/orders',
            element: <Desk />,
            children: [
              { index: true, element: <Overview /> },
              { path: ':id', element: <OrderPage /> },
            ],
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
    { basename: '/react' },
  );
}
