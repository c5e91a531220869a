/** Signs in by authorization code and PKCE (RFC 6749, RFC 7636). Login is the app's business, not holdfast's. */
import type { Session } from 'holdfast';
import * as oauth from 'oauth4webapi';
import { clientId, issuer } from './settings.ts';

/** The way to the authorization server and back. */
export interface Login {
  /**
   * Leaves for the authorization server. Resolves when the page is about to go.
   *
   * @param returnPath Where to go afterwards. Default: where the page is.
   * @throws Error when the server cannot be reached.
   */
  readonly leave: (returnPath?: string) => Promise<void>;
  /**
   * Finishes a sign-in and starts the session, when this page is what the authorization server returned to.
   * Code and state are out of the address bar before anything else happens.
   *
   * @throws Error when the server refused, or the answer is not for the request that was made.
   */
  readonly finish: (session: Session) => Promise<void>;
}

interface Errand {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnPath: string;
}

const ERRAND_KEY = 'demo-sign-in';
const client: oauth.Client = { client_id: clientId };
// The demo's servers speak plain HTTP on loopback. Leave this out in an app of your own.
const insecure = { [oauth.allowInsecureRequests]: true };

async function discover(): Promise<oauth.AuthorizationServer> {
  const identifier = new URL(issuer);
  const response = await oauth.discoveryRequest(identifier, insecure);
  return oauth.processDiscoveryResponse(identifier, response);
}

function takeErrand(): Partial<Errand> {
  const stored = sessionStorage.getItem(ERRAND_KEY) ?? '{}';
  sessionStorage.removeItem(ERRAND_KEY);
  return Object(JSON.parse(stored));
}

/** Makes the login of the app at this path, which ends with a slash: sign-ins return to its `callback`. */
export function createLogin(home: string): Login {
  const callbackPath = `${home}callback`;
  const redirectUri = new URL(callbackPath, location.origin).href;

  /** A path of this app; anything else becomes its home. */
  const ownPath = (path: unknown): string => {
    if (typeof path !== 'string' || !URL.canParse(path, location.origin)) return home;
    const { origin, pathname, search, hash } = new URL(path, location.origin);
    const isOwn = origin === location.origin && pathname.startsWith(home) && pathname !== callbackPath;
    return isOwn ? `${pathname}${search}${hash}` : home;
  };

  return {
    leave: async (returnPath = `${location.pathname}${location.search}${location.hash}`) => {
      const server = await discover();
      if (server.authorization_endpoint === undefined)
        throw new TypeError('The server names no authorization endpoint.');
      const errand: Errand = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        codeVerifier: oauth.generateRandomCodeVerifier(),
        returnPath,
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
    },

    finish: async (session) => {
      if (location.pathname !== callbackPath) return;
      const callback = new URL(location.href);
      const { codeVerifier, nonce, returnPath, state } = takeErrand();
      history.replaceState(null, '', ownPath(returnPath));
      // A reload of the return address brings a code that was used before: there is nothing to finish.
      if (codeVerifier === undefined || nonce === undefined || state === undefined) return;

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
      const user = oauth.getValidatedIdTokenClaims(response)?.sub;
      await session.start(response, user === undefined ? {} : { user });
    },
  };
}
