/**
 * Token servers that are out there, each by its own wire format, for the option `server` of `createSession`.
 *
 * @packageDocumentation
 */
export { airflow, type AirflowOptions } from './servers/airflow.ts';
export { cookies, type CookiesFields, type CookiesOptions } from './servers/cookies.ts';
export { folio, type FolioOptions } from './servers/folio.ts';
export { json, type JsonFields, type JsonOptions } from './servers/json.ts';
export { keycloak, type KeycloakOptions } from './servers/keycloak.ts';
export { romm, type RommOptions } from './servers/romm.ts';
export { stackit, type StackitClaims, type StackitOptions } from './servers/stackit.ts';
