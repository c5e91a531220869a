/** The machine that apps test with, for our own tests: a tab's ports can be others, and what is sent and logged is kept. */
import type { Ports } from '../../src/core/ports.ts';
import type { LogRecord, Session, SessionOptions } from '../../src/core/types.ts';
import { oauth2, type OAuth2Options } from '../../src/servers/oauth2.ts';
import { createMachine, type Machine } from '../../src/testing/machine.ts';
import { manualClock, type ManualClock } from '../../src/testing/manual-clock.ts';
import { settle } from '../../src/testing/settle.ts';
import { heldServer, ORIGIN, REVOCATION_ENDPOINT, TOKEN_ENDPOINT, type HeldServer } from './token-server.ts';

export interface World extends Omit<Machine, 'open'> {
  readonly clock: ManualClock;
  readonly server: HeldServer & {
    readonly fetch: typeof globalThis.fetch;
    /** What was sent to the token server. */
    readonly sent: { readonly url: string; readonly init: RequestInit }[];
  };
  readonly logs: LogRecord[];
  /** What the dice show. */
  readonly chance: { roll: number };
  /** Opens a tab. */
  readonly open: (
    options?: Partial<SessionOptions> & {
      readonly oauth2?: Partial<OAuth2Options & { readonly tokenEndpoint: string }>;
    },
    ports?: Partial<Ports>,
  ) => Session;
  /** The page returns, in every tab. */
  readonly comeBack: () => Promise<void>;
}

export interface WorldOptions {
  readonly life?: number;
  readonly extra?: Record<string, unknown>;
}

export function createWorld(given: WorldOptions = {}): World {
  const clock = manualClock();
  const held = heldServer({ ...given, clock });
  const machine = createMachine({ answer: held.answer, clock, page: `${ORIGIN}/` });
  const { network, page } = machine;
  const chance = { roll: 0.5 };
  const logs: LogRecord[] = [];
  const log = (record: LogRecord) => void logs.push(record);
  let ids = 0;
  const server: World['server'] = Object.assign(held, {
    sent: [] as { url: string; init: RequestInit }[],
    fetch: (input: RequestInfo | URL, init: RequestInit = {}) => {
      const url = input instanceof Request ? input.url : String(input);
      if (url === TOKEN_ENDPOINT || url === REVOCATION_ENDPOINT) server.sent.push({ url, init });
      return network.fetch(input, init);
    },
  });

  return {
    ...machine,
    clock,
    server,
    chance,
    logs,
    open: ({ oauth2: overrides, ...options } = {}, ports = {}) =>
      machine.open(
        {
          server: oauth2({
            tokenEndpoint: TOKEN_ENDPOINT,
            revocationEndpoint: REVOCATION_ENDPOINT,
            clientId: 'spa',
            ...overrides,
          }),
          resources: ['/api/'],
          logger: log,
          ...options,
        },
        {
          dice: { roll: () => chance.roll, id: () => `id-${++ids}` },
          network: { fetch: server.fetch, isOnline: () => network.isOnline },
          report: (error) =>
            log({ at: clock.now(), level: 'error', event: 'reported', facts: { error: String(error) } }),
          ...ports,
        },
      ),
    comeBack: async () => {
      page.comeBack();
      await settle();
    },
  };
}

export { settle };
