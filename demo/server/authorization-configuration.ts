/** How the authorization server is set up: what it issues, to whom, and for how long. */
import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { Context, Provider } from 'oidc-provider';
import type { Books } from './books.ts';
import type { Faults } from './faults.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { errorPage } from './sign-in-page.ts';

/** The demo's only client. */
export const CLIENT_ID = 'holdfast-demo';

/** Where the server asks who is signing in; followed by the id of the sign-in. */
export const SIGN_IN_PATH = '/sign-in/';

const SCOPE = 'orders';
const DAY = 24 * 60 * 60;

/** The tokens of one answer. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** What the authorization server needs to know. */
export interface AuthorizationServerOptions {
  readonly issuer: string;
  /** The API's identifier: the audience of the access tokens. */
  readonly audience: string;
  /** Origins of the apps: they may call the token endpoint. */
  readonly origins: readonly string[];
  /** Where apps live at these origins, each with a slash at its end. Sign-ins return to `callback` below. */
  readonly homes: readonly string[];
  /** Private, with `kid` and `alg`. */
  readonly signingKey: JWK;
  readonly books: Books;
  readonly faults: Faults;
  /** Told what the token endpoint issued, before the answer leaves. */
  readonly onIssue: (tokens: IssuedTokens) => void;
}

/** The configuration for oidc-provider. */
export function configure(options: AuthorizationServerOptions): Readonly<Record<string, unknown>> {
  const { audience, faults, homes, origins, signingKey } = options;
  const { accessTokenLife } = faults;
  return {
    adapter: memoryAdapter(),
    jwks: { keys: [signingKey] },
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: origins.flatMap((origin) => homes.map((home) => `${origin}${home}callback`)),
        id_token_signed_response_alg: 'ES256',
      },
    ],
    scopes: ['openid'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    clockTolerance: 0,
    clientBasedCORS: (_context: Context, origin: string) => origins.includes(origin),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    findAccount: async (_context: Context, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId }),
    }),
    interactions: { url: (_context: Context, { uid }: { readonly uid: string }) => `${SIGN_IN_PATH}${uid}` },
    // The client is the server's own app: whoever signs in has agreed.
    loadExistingGrant: async (context: Context & { readonly oidc: { readonly provider: Provider } }) => {
      const accountId = context.oidc?.session?.accountId;
      if (accountId === undefined) return undefined;
      const grant = new context.oidc.provider.Grant({ accountId, clientId: CLIENT_ID });
      grant.addOIDCScope('openid');
      grant.addResourceScope(audience, SCOPE);
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => audience,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: SCOPE,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenLife(),
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    ttl: {
      AccessToken: accessTokenLife,
      AuthorizationCode: 60,
      Grant: DAY,
      IdToken: accessTokenLife,
      Interaction: 600,
      RefreshToken: DAY,
      Session: 600,
    },
    renderError: async (context: Context, out: Readonly<Record<string, string>>) => {
      context.type = 'html';
      context.body = errorPage(out['error_description'] ?? 'The server does not say why.');
    },
  };
}
