/** What whoever reads the README has in the app by then, and the README need not say again. */
export const READER = `
declare module '*.vue' {
  const component: import('vue').Component;
  export default component;
}
interface ImportMeta {
  readonly hot?: { readonly dispose: (task: () => void) => void };
}
declare const createSession: typeof import('holdfast').createSession;
declare const oauth2: typeof import('holdfast').oauth2;
declare const supabase: typeof import('../../demo/servers/supabase.ts').supabase;
declare const axios: typeof import('axios').default;
declare const createClient: typeof import('openapi-fetch').default;
declare const createBrowserRouter: typeof import('react-router').createBrowserRouter;
declare const Navigate: typeof import('react-router').Navigate;
declare const Outlet: typeof import('react-router').Outlet;
declare const expect: typeof import('vitest').expect;
declare const fakeServer: typeof import('holdfast/testing').fakeServer;
declare const GraphQLClient: typeof import('graphql-request').GraphQLClient;
declare const SessionGuard: typeof import('holdfast/react').SessionGuard;
declare const vi: typeof import('vitest').vi;
declare const ky: typeof import('ky').default;
type paths = Record<never, never>; // Of an API, as openapi-typescript writes them.

declare const session: import('holdfast').Session;
declare const context: import('playwright').BrowserContext;
declare const tokenResponse: unknown;
declare const showLogin: (reason?: string) => void;
declare const render: (state: import('holdfast').SessionState) => void;
declare const queryClient: import('@tanstack/react-query').QueryClient;
declare const Login: () => null;
declare const Orders: () => null;
declare const router: import('vue-router').Router;
declare const url: string;
declare const key: string;
declare const login: () => unknown;
declare const answer: (request: Request) => Response;
declare const tokenEndpoint: string;
declare const codeAndVerifier: URLSearchParams;
`;
