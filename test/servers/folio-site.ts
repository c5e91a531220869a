/** Tabs at a FOLIO, cookies and all, under the manual clock. */
import { onTestFinished, vi } from 'vitest';
import type { Session, SessionOptions } from '../../src/core/types.ts';
import { folio } from '../../src/servers/folio.ts';
import { folio as backend } from '../backends/folio.ts';
import { cookieSite, type CookieSite } from '../doubles/cookie-site.ts';
import { createWorld, type World } from '../doubles/world.ts';

const URL = 'https://folio.example.edu';
const MINUTE = 60_000;

export interface FolioSite extends CookieSite {
  readonly world: World;
  readonly tabs: readonly Session[];
  readonly users: string;
  /** Opens one more tab. */
  readonly open: (options?: Partial<SessionOptions>) => Promise<Session>;
  readonly history: () => Promise<unknown>;
  /** Whether what the browser would send is good for a call. */
  readonly isSignedIn: () => Promise<boolean>;
  /** An answer that comes after so many milliseconds. */
  readonly later: (milliseconds: number) => Promise<void>;
}

/** Access tokens live for 10 minutes and refresh tokens for a day, unless the test says otherwise, also in milliseconds. */
export async function signedInAtFolio(
  count: number,
  { access = 10 * MINUTE, refresh = 1_440 * MINUTE, ...options }: Partial<SessionOptions> & Partial<Lives> = {},
): Promise<FolioSite> {
  const world = createWorld();
  // The backend and the module tell the time by it.
  vi.spyOn(Date, 'now').mockImplementation(world.clock.now);
  onTestFinished(() => void vi.restoreAllMocks());
  const site = cookieSite(backend(), URL);
  const tabs: Session[] = [];
  const open: FolioSite['open'] = async (more) => {
    const server = folio({ url: URL, tenant: 'diku' });
    const tab = world.open({ server, resources: [URL], ...options, ...more }, { network: site.network });
    tabs.push(tab);
    await tab.ready;
    return tab;
  };
  const first = await open();
  await first.start(await (await site.ask(`POST /login?user=ada&access=${access}&refresh=${refresh}`)).json());
  while (tabs.length < count) await open();
  return Object.assign(site, {
    world,
    tabs,
    users: `${URL}/users`,
    open,
    history: async () => (await site.ask('GET /history?user=ada')).json(),
    isSignedIn: async () => (await site.ask('GET /bl-users/_self')).ok,
    later: (milliseconds: number) =>
      new Promise<void>((resolve) => void world.clock.wake(world.clock.now() + milliseconds, resolve)),
  });
}

interface Lives {
  readonly access: number;
  readonly refresh: number;
}
