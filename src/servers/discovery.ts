/** An authorization server that says itself where its endpoints are (RFC 8414; OpenID Connect Discovery 1.0 section 4). */
import { readJson, readText } from '../core/refusal.ts';
import { checkEndpoint } from '../core/scope.ts';
import { ownFields } from '../core/tokens.ts';
import type { RotationOutcome, ServerContext, TokenServer, Tokens } from '../core/types.ts';

/** What of the metadata is used. */
export interface Endpoints {
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string | undefined;
}

/** A server for what was found, or what is wrong with that. */
type Found = Usable | { readonly problem: string };

interface Usable {
  readonly server: TokenServer;
  readonly tokenOrigin: string;
}

/** The server that `make` makes of the endpoints, found when they are needed for the first time. @throws TypeError when the issuer is none. */
export function discovered(issuer: string, make: (endpoints: Endpoints) => TokenServer): TokenServer {
  const places = placesOf(issuer);
  let known: Found | undefined;
  let endpoints = places;

  return {
    ...make({ tokenEndpoint: issuer }),
    get endpoints() {
      return endpoints;
    },
    prepare: async (context) => {
      // What was wrong may have been mended.
      if (known !== undefined && 'problem' in known) known = undefined;
      await find(context);
    },
    rotate: async (tokens, context) => {
      const outcome = await present(tokens, context);
      // The endpoints may have moved.
      if (outcome.outcome === 'misconfigured') known = undefined;
      return outcome;
    },
    revoke: async (tokens, context) => {
      const found = await find(context);
      if ('server' in found && !isMoved(tokens, found)) await found.server.revoke?.(tokens, context);
    },
  };

  async function present(tokens: Tokens, context: ServerContext): Promise<RotationOutcome> {
    const found = await find(context);
    if ('problem' in found) return { outcome: 'misconfigured', code: found.problem };
    const { server, tokenOrigin } = found;
    if (isMoved(tokens, found)) return { outcome: 'misconfigured', code: 'token_endpoint_moved' };
    const outcome = await server.rotate(tokens, context);
    return outcome.outcome === 'rotated' ? { ...outcome, tokens: { ...outcome.tokens, tokenOrigin } } : outcome;
  }

  async function find(context: ServerContext): Promise<Found> {
    known ??= await look(context);
    return known;
  }

  /** Asks at one place after the other. @throws what stood in the way, where that may pass. */
  async function look({ fetch }: ServerContext): Promise<Found> {
    let problem: string | undefined;
    let failure: Error | undefined;
    for (const place of places) {
      try {
        const response = await fetch(place);
        const text = await readText(response);
        if (response.status === 200) {
          const metadata = readMetadata(readJson(text));
          if (typeof metadata === 'object') return take(metadata);
          problem = metadata;
        } else if (!isAbsent(response)) failure = new Error(`The metadata came with status ${response.status}.`);
      } catch (error) {
        // A 404 that CORS hides looks the same: the other place is asked all the same.
        failure = new Error('The metadata cannot be read.', { cause: error });
      }
    }
    if (problem === undefined && failure !== undefined) throw failure;
    return { problem: problem ?? 'no_metadata' };
  }

  function take(metadata: Endpoints): Found {
    const server = make(metadata);
    endpoints = [...places, ...server.endpoints];
    return { server, tokenOrigin: new URL(metadata.tokenEndpoint).origin };
  }

  /** The endpoints, or what is wrong. */
  function readMetadata(metadata: unknown): Endpoints | string {
    const field = ownFields(metadata);
    const [tokenEndpoint, revocationEndpoint] = [field('token_endpoint'), field('revocation_endpoint')];
    // Section 3.3: identical, or not to be used.
    if (field('issuer') !== issuer) return 'issuer_mismatch';
    if (!isEndpoint(tokenEndpoint)) return 'bad_endpoint';
    return { tokenEndpoint, revocationEndpoint: isEndpoint(revocationEndpoint) ? revocationEndpoint : undefined };
  }
}

/** Whoever comes to change the metadata does not get the tokens of a session that goes on. */
function isMoved(tokens: Tokens, { tokenOrigin }: Usable): boolean {
  return (tokens.tokenOrigin ?? tokenOrigin) !== tokenOrigin;
}

/** An issuer's two addresses for it: the one of OpenID, and the one of RFC 8414 (section 3.1), which stands before the path. */
function placesOf(issuer: string): readonly string[] {
  checkEndpoint('oauth2: issuer', issuer, false);
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/** Not there; other answers may be others later. */
function isAbsent({ status }: Response): boolean {
  return status >= 400 && status <= 499 && status !== 408 && status !== 429;
}

function isEndpoint(url: unknown): url is string {
  try {
    if (typeof url === 'string') checkEndpoint('', url);
    return typeof url === 'string';
  } catch {
    return false; // What else it says is no reason to send tokens there.
  }
}
