/** What goes out as it was at the call, what is let go when it does not, and whose refusals count. */
import { expect, test } from 'vitest';
import { copyOf } from '../../src/core/body.ts';
import type { TokenServer } from '../../src/core/types.ts';
import { oauth2 } from '../../src/servers/oauth2.ts';
import { TOKEN_ENDPOINT } from '../doubles/token-server.ts';
import { createWorld, settle, type World } from '../doubles/world.ts';

const API = 'https://app.example.com/api/orders';
const bearer = oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'spa' });

/** A session, and every request to a resource that its network has seen. */
async function signedIn(options: Parameters<World['open']>[0] = {}, answer = (): Response => new Response(null)) {
  const world = createWorld();
  const sent: Request[] = [];
  const session = world.open(options, {
    network: {
      isOnline: () => true,
      fetch: async (input, init) => {
        if (String(input).startsWith(new URL(TOKEN_ENDPOINT).origin)) return world.server.fetch(input, init);
        sent.push(new Request(typeof input === 'string' ? new URL(input, world.page.url) : input, init));
        return answer();
      },
    },
  });
  await session.start(world.server.login(), { user: 'ann' });
  return { sent, session, tokens: () => sent.map(({ headers }) => headers.get('authorization')), world };
}

/** A server whose tokens are signed when it is told. */
function signing() {
  const waiting: (() => void)[] = [];
  const server: TokenServer = {
    ...bearer,
    attach: async (_, { accessToken }) => {
      await new Promise<void>((resolve) => void waiting.push(resolve));
      return { headers: { authorization: `Bearer ${accessToken}` } };
    },
  };
  return { server, sign: () => waiting.splice(0).forEach((resolve) => resolve()) };
}

const nameOf = (error: Error): string => error.name;

test('a relative URL goes where the page’s base was at the call, however long its token takes to be signed', async () => {
  const { server, sign } = signing();
  const { sent, session, world } = await signedIn({ server });
  world.page.url = 'https://app.example.com/api/list/';
  const call = session.fetch('orders');
  world.page.url = 'https://evil.example.com/';
  sign();
  await call;
  expect(sent.map(({ url }) => url)).toEqual(['https://app.example.com/api/list/orders']);
});

test('whoever leaves while a token is signed leaves at once, and the stream is let go', async () => {
  const { server } = signing();
  const { sent, session } = await signedIn({ server });
  const reasons: unknown[] = [];
  const body = new ReadableStream({ cancel: (reason) => void reasons.push(reason) });
  const controller = new AbortController();
  const init = { method: 'POST', body, duplex: 'half', signal: controller.signal } as RequestInit;
  const call = session.fetch(API, init).catch((error: unknown) => reasons.push(error));
  await settle();
  controller.abort('enough');
  await call;
  expect([reasons, sent]).toEqual([['enough', 'enough'], []]);
});

test('a keepalive request carries the token of nobody who is being replaced, or whose session was disposed', async () => {
  const { session, tokens, world } = await signedIn();
  const replacing = session.start(world.server.login(), { user: 'bob' });
  await session.fetch(API, { method: 'POST', body: 'bye', keepalive: true });
  await replacing;
  session.dispose();
  const failure = await session.fetch(API, { method: 'POST', body: 'bye', keepalive: true }).catch(nameOf);
  expect([tokens(), failure]).toEqual([[null], 'SessionEndedError']);
});

test('keepalive: null is no keepalive, and a method is what its string says', async () => {
  const { sent, session, tokens, world } = await signedIn({ keepAlive: 'demand' });
  await world.clock.advance(400);
  await session.fetch(new Request(API, { keepalive: true }), { keepalive: null as unknown as boolean });
  await session.fetch(API, { method: { toString: () => 'post' } as unknown as string });
  expect(tokens()).toEqual(['Bearer access-2', 'Bearer access-2']);
  expect(sent.at(-1)?.method).toBe('POST');
});

test('where a redirect led away, the answer is no refusal and brings no tokens', async () => {
  const adopted: string[] = [];
  const server: TokenServer = { ...bearer, adopt: ({ url }) => void adopted.push(url) };
  const { sent, session, world } = await signedIn({ server }, () =>
    Object.defineProperties(new Response(null, { status: 401 }), {
      redirected: { value: true },
      url: { value: 'https://elsewhere.example.com/' },
    }),
  );
  expect((await session.fetch(API, { method: 'POST', body: 'pay' })).status).toBe(401);
  expect([sent.length, world.server.rotations(), adopted]).toEqual([1, 0, []]);
});

test('a stream’s refusal is handed over also when the rotation takes too long', async () => {
  const { session, world } = await signedIn({ queue: { timeout: 5 } }, () => new Response('no', { status: 401 }));
  world.server.hold = new Promise(() => undefined);
  const init = { method: 'POST', body: new Blob(['a stream']).stream(), duplex: 'half' } as RequestInit;
  const call = session.fetch(API, init).catch(nameOf);
  await settle();
  await world.clock.advance(6);
  expect(await call).toBe('BodyNotReplayableError');
});

test('bytes and parameters are copied; what native fetch is to refuse, and what is empty, is left to it', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const [buffer, part, view] = [bytes.buffer, bytes.subarray(1, 3), new DataView(bytes.buffer, 2)].map(copyOf);
  const parameters = new URLSearchParams({ a: '1' });
  const copy = copyOf(parameters);
  bytes.fill(0);
  parameters.set('a', '2');
  expect([buffer, part, view].map((body) => [...new Uint8Array(body as ArrayBuffer)])).toEqual([
    [1, 2, 3, 4],
    [2, 3],
    [3, 4],
  ]);
  expect(String(copy)).toBe('a=1');
  const gone = new ArrayBuffer(8);
  const goneView = new Uint8Array(gone);
  structuredClone(gone, { transfer: [gone] });
  const growing = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]);
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  for (const body of [gone, goneView, growing, new Uint8Array(growing), shared, 'text', null])
    expect(copyOf(body)).toBe(body);
});
