/** Sessions of this page, three to a name as tabs are, signed in at a stand of their own. */
import { expect, vi } from 'vitest';
import { createSession, type Session, type SessionOptions, type TokenServer } from '../../src/index.ts';
import type { Counts, Settings } from '../backends/stand.ts';
import type { Fault } from '../backends/stands.ts';

export interface AtStand {
  readonly sessions: readonly Session[];
  /** The stand's address, without a slash at its end. */
  readonly url: string;
  readonly counts: () => Promise<Counts>;
  readonly befall: (fault: Fault) => Promise<void>;
  /** Calls the API in every tab until the time is up, and resolves with what came back: statuses and the names of errors. */
  readonly callFor: (seconds: number, path?: string) => Promise<ReadonlySet<number | string>>;
}

export interface StandOptions {
  readonly kind: 'airflow' | 'romm';
  readonly settings: Settings;
  readonly server: (url: string) => TokenServer;
  /** The stand is at another origin. */
  readonly isElsewhere?: boolean;
  readonly options?: Partial<SessionOptions>;
  readonly onTestFinished: (task: () => void) => void;
}

/** How often a tab calls, in milliseconds. */
const BEAT = 100;

export const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, seconds * 1_000));

export async function signInAtStand(given: StandOptions): Promise<AtStand> {
  const { isElsewhere = false, kind, onTestFinished, options = {}, server, settings } = given;
  const id = crypto.randomUUID();
  const origin = isElsewhere ? await (await fetch('/stands/elsewhere')).text() : location.origin;
  const url = `${origin}/stands/${kind}/${id}`;
  const post = (path: string, body: unknown) => fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  const login: unknown = await (await post('/open', settings)).json();
  const sessions: Session[] = [];
  onTestFinished(() => {
    for (const session of sessions) session.dispose();
  });
  const open = (): Session => {
    const session = createSession({ name: id, server: server(url), resources: [`${url}/api/`], ...options });
    sessions.push(session);
    return session;
  };
  await open().start(login, { user: 'somebody' });
  // Tabs that were open before would not be signed in by another's doing.
  await Promise.all([open().ready, open().ready]);
  expect(sessions.map(({ state }) => state.status)).toEqual(['active', 'active', 'active']);

  const callOnce = async (session: Session, path: string): Promise<number | string> => {
    try {
      return (await session.fetch(url + path)).status;
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    }
  };
  return {
    sessions,
    url,
    counts: async () => (await (await fetch(`${url}/counts`)).json()) as Counts,
    befall: async (fault) => void (await post('/fault', { fault })),
    callFor: async (seconds, path = '/api/orders') => {
      const came = new Set<number | string>();
      const until = performance.now() + seconds * 1_000;
      await Promise.all(
        sessions.map(async (session) => {
          while (performance.now() < until) {
            came.add(await callOnce(session, path));
            await pause(BEAT / 1_000);
          }
        }),
      );
      return came;
    },
  };
}

/** All tabs say the same. */
export async function untilStatus({ sessions }: AtStand, status: string, seconds = 30): Promise<void> {
  await vi.waitFor(() => expect([...new Set(sessions.map(({ state }) => state.status))]).toEqual([status]), {
    timeout: seconds * 1_000,
  });
}
