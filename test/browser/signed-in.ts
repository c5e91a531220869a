/** A session of this page, signed in with a token of that name, and what its server has seen. */
import { onTestFinished } from 'vitest';
import { createSession, oauth2, type Session, type SessionOptions } from '../../src/index.ts';
import type { Arrival } from './backend.ts';

export interface SignedIn {
  readonly session: Session;
  /** The address of a resource. */
  readonly url: (query?: Readonly<Record<string, string | number>>) => string;
  /** What has arrived at the resources. */
  readonly arrivals: () => Promise<Arrival[]>;
  readonly rotations: () => Promise<number>;
}

/** `token`: one whose name begins with `dead` is refused. */
export async function signIn(token: string, options: Partial<SessionOptions> = {}): Promise<SignedIn> {
  const id = crypto.randomUUID();
  const near = `${location.origin}/backend/`;
  const session = createSession({
    name: id,
    server: oauth2({ tokenEndpoint: `/backend/token?id=${id}-token`, clientId: 'spa' }),
    resources: [`${near}api/`],
    ...options,
  });
  onTestFinished(session.dispose);
  await session.start({ access_token: token, token_type: 'Bearer', expires_in: 3_600, refresh_token: 'refresh' });
  const seen = async (of: string): Promise<Arrival[]> =>
    (await (await fetch(`${near}seen?id=${of}`)).json()) as Arrival[];
  return {
    session,
    url: (query = {}) => {
      const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
      return `${near}api/orders?${new URLSearchParams({ id, ...Object.fromEntries(entries) }).toString()}`;
    },
    arrivals: () => seen(id),
    rotations: async () => (await seen(`${id}-token`)).length,
  };
}
