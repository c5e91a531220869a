/** Starts the app: finishes a sign-in that came back, then draws. */
import { QueryClientProvider } from '@tanstack/react-query';
import { SessionProvider } from 'holdfast/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { queryClient } from './query-client.ts';
import { createRouter } from './router.tsx';
import { login, session } from './session.ts';

const root = document.getElementById('root');
if (root === null) throw new TypeError('The page has no root.');

// Before the router looks at the address: the code is out of it then, and the session has begun.
const problem = await login.finish(session).then(
  () => undefined,
  (error: unknown) => error,
);

createRoot(root).render(
  <StrictMode>
    <SessionProvider session={session}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={createRouter(problem)} />
      </QueryClientProvider>
    </SessionProvider>
  </StrictMode>,
);
