import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createSession } from '../../src/create-session.ts';
import type { Session, TokenServer } from '../../src/core/types.ts';
import { eavesdrop } from './eavesdropper.ts';

let name: string;

/** A server that answers a rotation when it is told to. */
function slowServer() {
  let answer = (): void => {};
  const asked = vi.fn();
  const tokens = { accessToken: 'access', refreshToken: 'refresh', life: 3_600_000 };
  const server: TokenServer = {
    endpoints: [],
    readTokens: () => tokens,
    rotate: async () => {
      asked();
      await new Promise<void>((resolve) => (answer = resolve));
      return { outcome: 'rotated', tokens };
    },
    attach: () => ({ headers: {} }),
    isRefusal: () => false,
  };
  return { server, asked, answer: () => answer() };
}

function open(server: TokenServer): Session {
  const session = createSession({ server, name });
  onTestFinished(session.dispose);
  return session;
}

const leads = (session: Session): Promise<boolean> =>
  vi.waitUntil(() => session.inspect().role === 'leader', { interval: 1 });

beforeEach(() => {
  name = `session-${crypto.randomUUID()}`;
});

test('a session that is disposed of while it rotates lets another lead at once, and still tells what it won', async () => {
  const { server, asked, answer } = slowServer();
  const session = open(server);
  await session.start({});
  await leads(session);
  const other = open(server);
  const wire = eavesdrop(`holdfast/${name}`);
  const rotation = session.rotate().catch(() => {});
  await vi.waitFor(() => expect(asked).toHaveBeenCalled(), { interval: 1 });

  session.dispose();
  session.dispose();
  await leads(other);
  expect(wire.posted).toEqual([]);
  answer();
  await wire.next('rotated');
  await rotation;
  await vi.waitUntil(() => other.state.status === 'active' && other.state.generation === 1, { interval: 1 });
  expect(asked).toHaveBeenCalledTimes(1);
});

test('a session that is disposed of leaves neither lock nor channel behind', async () => {
  const { server } = slowServer();
  const session = open(server);
  await session.start({});
  await leads(session);
  const close = vi.spyOn(BroadcastChannel.prototype, 'close');
  onTestFinished(() => close.mockRestore());
  session.dispose();
  session.dispose();
  await vi.waitFor(
    async () => {
      const { held = [], pending = [] } = await navigator.locks.query();
      expect([...held, ...pending].filter((lock) => lock.name?.includes(name))).toEqual([]);
      expect(close).toHaveBeenCalledTimes(1);
    },
    { interval: 1 },
  );
});
