/** The token server of our own tests: at another origin than the page, and its answers can be held back. */
import { fakeServer, type FakeServer, type FakeServerOptions } from '../../src/testing/fake-server.ts';

export interface HeldServer extends FakeServer {
  /** Holds the answers of the token endpoint back until resolved. */
  hold: Promise<void> | undefined;
  /** Holds requests back before the token endpoint sees them. */
  delay: Promise<void> | undefined;
}

export const ORIGIN = 'https://app.example.com';
export const TOKEN_ENDPOINT = 'https://as.example.com/token';
export const REVOCATION_ENDPOINT = 'https://as.example.com/revoke';

export function heldServer(options: FakeServerOptions): HeldServer {
  const fake = fakeServer({ ...options, tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: REVOCATION_ENDPOINT });
  const { answer } = fake;
  const server: HeldServer = Object.assign(fake, {
    hold: undefined,
    delay: undefined,
    answer: async (request: Request) => {
      if (request.url !== TOKEN_ENDPOINT) return answer(request);
      await server.delay;
      const response = await answer(request);
      await server.hold;
      return response;
    },
  });
  return server;
}
