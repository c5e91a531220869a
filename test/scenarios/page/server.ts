/** The token server that the page's address names. */
import { oauth2, type TokenServer } from 'holdfast';
import { dpop, type DpopServer } from 'holdfast/dpop';
import { airflow, cookies, folio, json, keycloak, romm, stackit } from 'holdfast/servers';
import { supabase } from '../../../demo/servers/supabase.ts';
import { accessTokenLife, api, clientId, issuer } from '../../../demo/shared/settings.ts';

/** The demo's, unless the address names another. */
export async function tokenServer(name: string | null): Promise<TokenServer> {
  switch (name) {
    case 'airflow':
      return airflow({ url: api, keepAliveUrl: `${api}/health` });
    case 'cookies':
      return cookies({
        refreshUrl: `${api}/bff/refresh`,
        logoutUrl: `${api}/bff/logout`,
        defaultLife: accessTokenLife,
      });
    case 'dpop':
      return dpop(oauth2({ issuer, clientId }));
    case 'folio':
      return folio({ url: api, tenant: 'diku' });
    case 'json':
      return json({ url: `${issuer}/token/refresh` });
    case 'keycloak':
      return keycloak({ url: issuer, realm: 'test', clientId });
    case 'romm':
      return romm({ url: issuer });
    case 'stackit': {
      const key = await importKey();
      return stackit({
        tokenUrl: `${issuer}/token`,
        key,
        kid: 'ada',
        claims: { iss: 'ada', sub: 'ada', aud: 'stackit' },
      });
    }
    case 'supabase':
      return supabase({ url: issuer, key: 'public' });
    case null:
      return oauth2({
        tokenEndpoint: `${issuer}/token`,
        revocationEndpoint: `${issuer}/token/revocation`,
        clientId,
      });
    default:
      throw new TypeError(`There is no token server ${name}.`);
  }
}

/** Logs ada in at the page's backend. Resolves with the token response, which for a key's tokens takes a code more. */
export async function logIn(server: TokenServer, credentials: RequestCredentials): Promise<unknown> {
  const answer: unknown = await (await fetch(`${issuer}/login`, { method: 'POST', credentials })).json();
  if (!isDpop(server)) return answer;
  const body = new URLSearchParams({ client_id: clientId, grant_type: 'authorization_code', ...Object(answer) });
  return (await server.signInFetch(`${issuer}/token`, { method: 'POST', body })).json();
}

function isDpop(server: TokenServer): server is DpopServer {
  return 'signInFetch' in server;
}

/** Every tab gets the same: an app would keep it in IndexedDB. */
async function importKey(): Promise<CryptoKey> {
  const jwk: JsonWebKey = await (await fetch(`${issuer}/key`)).json();
  return crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, false, ['sign']);
}
