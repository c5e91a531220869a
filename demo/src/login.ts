/** Signs in by authorization code and PKCE (RFC 6749, RFC 7636). Login is the app's business, not holdfast's. */
import * as oauth from 'oauth4webapi';
import { clientId, issuer } from './settings.ts';

/** A sign-in that came back. */
export interface SignIn {
  /** The token response, as it came. */
  readonly response: oauth.TokenEndpointResponse;
  /** Who it is, as the ID token says. */
  readonly user: string | undefined;
}

interface Errand {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnPath: string;
}

const ERRAND_KEY = 'demo-sign-in';
const client: oauth.Client = { client_id: clientId };
const redirectUri = new URL('/callback', location.origin).href;
// The demo's servers speak plain HTTP on loopback. Leave this out in an app of your own.
const insecure = { [oauth.allowInsecureRequests]: true };

async function discover(): Promise<oauth.AuthorizationServer> {
  const identifier = new URL(issuer);
  const response = await oauth.discoveryRequest(identifier, insecure);
  return oauth.processDiscoveryResponse(identifier, response);
}

/** A path of this page's own origin; anything else becomes `/`. */
function samePath(path: unknown): string {
  if (typeof path !== 'string' || !URL.canParse(path, location.origin)) return '/';
  const url = new URL(path, location.origin);
  return url.origin === location.origin && url.pathname !== '/callback'
    ? `${url.pathname}${url.search}${url.hash}`
    : '/';
}

/** Leaves for the authorization server. Resolves when the page is about to go. */
export async function leaveToSignIn(): Promise<void> {
  const server = await discover();
  if (server.authorization_endpoint === undefined) throw new TypeError('The server names no authorization endpoint.');
  const errand: Errand = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
    returnPath: `${location.pathname}${location.search}${location.hash}`,
  };
  sessionStorage.setItem(ERRAND_KEY, JSON.stringify(errand));

  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid orders',
    state: errand.state,
    nonce: errand.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(errand.codeVerifier),
    code_challenge_method: 'S256',
  }).toString();
  location.assign(url);
}

/**
 * Finishes a sign-in, when this page is what the authorization server returned to. Code and state are out of
 * the address bar before anything else happens.
 *
 * @throws Error when the server refused, or the answer is not for the request that was made.
 */
export async function finishSignIn(): Promise<SignIn | undefined> {
  if (location.pathname !== '/callback') return undefined;
  const callback = new URL(location.href);
  const errand: Partial<Errand> = Object(JSON.parse(sessionStorage.getItem(ERRAND_KEY) ?? '{}'));
  sessionStorage.removeItem(ERRAND_KEY);
  history.replaceState(null, '', samePath(errand.returnPath));
  const { codeVerifier, nonce, state } = errand;
  // A reload of the return address brings a code that was used before: there is nothing to finish.
  if (codeVerifier === undefined || nonce === undefined || state === undefined) return undefined;

  const server = await discover();
  const parameters = oauth.validateAuthResponse(server, client, callback, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    insecure,
  );
  const response = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return { response, user: oauth.getValidatedIdTokenClaims(response)?.sub };
}
