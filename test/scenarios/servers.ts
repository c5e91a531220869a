/** The kinds of servers that are spoken here. */
import { airflow } from '../backends/airflow.ts';
import { ofBff, ofFolio, ofStackit, ofStand, type OpenBackend } from '../backends/backend.ts';
import { fastapi } from '../backends/fastapi.ts';
import { keycloak } from '../backends/keycloak.ts';
import { ofOidcDpop } from '../backends/oidc-dpop-backend.ts';
import { romm } from '../backends/romm.ts';
import { supabase } from '../backends/supabase.ts';
import { startBackendSite } from './backend-site.ts';
import { ordealOf, type ServerKind } from './ordeal.ts';
import type { Scenario } from './scenario.ts';
import type { Servers } from './stage.ts';

/** A backend, with the page's word for its token server. */
export const at = (server: string, open: OpenBackend, credentials: RequestCredentials = 'omit'): Servers => ({
  start: (life, root) => startBackendSite({ open, server, life, root }),
  signIn: (tab) => tab.ask('logIn', credentials),
});

const kinds: readonly ServerKind[] = [
  { name: 'oidc-provider', life: 5, losesAnswers: true, reuses: 1, hearsSignOut: true },
  {
    name: 'oidc-provider with DPoP and nonces',
    servers: at('dpop', ofOidcDpop),
    life: 5,
    losesAnswers: true,
    reuses: 1,
    hearsSignOut: true,
  },
  { name: 'FOLIO', servers: at('folio', ofFolio, 'include'), life: 4, hearsSignOut: true },
  { name: 'a backend for the frontend', servers: at('cookies', ofBff, 'include'), life: 4, hearsSignOut: true },
  {
    name: 'Keycloak with Max Reuse 0',
    servers: at('keycloak', ofStand(keycloak, { maxReuse: 0 })),
    life: 4,
    losesAnswers: true,
    reuses: 1,
    hearsSignOut: true,
  },
  {
    name: 'Keycloak with Max Reuse 1',
    servers: at('keycloak', ofStand(keycloak, { maxReuse: 1 })),
    life: 4,
    hearsSignOut: true,
  },
  { name: 'FastAPI', servers: at('json', ofStand(fastapi)), life: 4 },
  {
    name: 'FastAPI with rotating refresh tokens',
    servers: at('json', ofStand(fastapi, { isRotating: true })),
    life: 4,
    losesAnswers: true,
    reuses: 1,
  },
  { name: 'RomM', servers: at('romm', ofStand(romm)), life: 4, losesAnswers: true, reuses: 1 },
  {
    name: 'RomM that fails on an expired token',
    servers: at('romm', ofStand(romm, { failsOnExpired: true })),
    life: 4,
    losesAnswers: true,
    reuses: 1,
  },
  { name: 'Airflow', servers: at('airflow', ofStand(airflow)), life: 8, diesOfOutages: true },
  {
    name: 'Supabase, by the app’s own module',
    servers: at('supabase', ofStand(supabase)),
    life: 4,
    hearsSignOut: true,
  },
  // The refresh token's second use is refused, and the key brings the next.
  { name: 'STACKIT', servers: at('stackit', ofStackit), life: 4, reuses: 1 },
];

export const servers: readonly Scenario[] = kinds.flatMap(ordealOf);
