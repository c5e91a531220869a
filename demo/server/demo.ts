/** The whole demo in one call: an authorization server, an API and the app, each on a port of its own. */
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair } from 'jose';
import { createAppServer } from './app-server.ts';
import { CLIENT_ID, type IssuedTokens } from './authorization-configuration.ts';
import { createAuthorizationServer } from './authorization-server.ts';
import { openBooks } from './books.ts';
import { type Control, createControl } from './control.ts';
import { createFaults } from './faults.ts';
import { listen } from './loopback.ts';
import { createOrdersApi } from './orders-api.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The apps: a folder each, and a path. */
const APPS = ['plain', 'react', 'vue'];

/** Options of {@link startDemo}. */
export interface DemoOptions {
  /** Seconds that an access token lives. Default 20. */
  readonly accessTokenLife?: number;
  /** Ports; 0 picks a free one. Default 0. */
  readonly ports?: { readonly app?: number; readonly issuer?: number; readonly api?: number };
  /** False: only the authorization server and the API; `url` is then empty. Default true. */
  readonly app?: boolean;
  /** The folder of the app's page, for another than the demo's start page and its apps. */
  readonly root?: string;
  /** Further origins whose pages may call the servers; sign-ins return to their `/callback`. Default none. */
  readonly origins?: readonly string[];
}

/** A demo that runs. */
export interface Demo {
  /** Where the start page is; each app is in a folder below it. */
  readonly url: string;
  /** The authorization server: issuer, and base of its endpoints `/token` and `/token/revocation`. */
  readonly issuer: string;
  /** The API's origin; its resources are below `/api/`. */
  readonly api: string;
  readonly clientId: string;
  readonly control: Control;
  /** Stops all servers. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the demo's servers on loopback.
 *
 * @example
 * const demo = await startDemo({ accessTokenLife: 4 });
 * demo.control.goDown(10);
 * await demo.close();
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { accessTokenLife = 20, ports = {}, app = true, root = ROOT, origins: guests = [] } = options;
  const apps = root === ROOT ? APPS : [];
  const page = app ? await listen(ports.app ?? 0) : undefined;
  const authorization = await listen(ports.issuer ?? 0);
  const resource = await listen(ports.api ?? 0);
  const close = async (): Promise<void> => {
    await Promise.all([page?.close(), authorization.close(), resource.close()]);
  };

  try {
    const origins = page === undefined ? guests : [page.origin, ...guests];
    const issuer = authorization.origin;
    const api = resource.origin;
    const audience = `${api}/api/`;
    const books = openBooks();
    const faults = createFaults(accessTokenLife);
    const issued: IssuedTokens[] = [];
    const control = createControl(faults, books, issued);

    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const key = { kid: 'demo', alg: 'ES256', use: 'sig' };
    const signingKey = { ...(await exportJWK(privateKey)), ...key };
    const keys = { keys: [{ ...(await exportJWK(publicKey)), ...key }] };
    const onIssue = (tokens: IssuedTokens): void => void issued.push(tokens);

    resource.serve(createOrdersApi({ issuer, audience, origins, keys, books, faults }));
    authorization.serve(
      await createAuthorizationServer({
        issuer,
        audience,
        origins,
        homes: ['/', ...apps.map((name) => `/${name}/`)],
        signingKey,
        books,
        faults,
        onIssue,
      }),
    );
    page?.serve(
      await createAppServer({ root, apps, issuer, api, clientId: CLIENT_ID, accessTokenLife, control, books }),
    );

    return { url: page === undefined ? '' : `${page.origin}/`, issuer, api, clientId: CLIENT_ID, control, close };
  } catch (error) {
    await close();
    throw error;
  }
}
