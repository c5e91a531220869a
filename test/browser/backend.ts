/** The API and the token server that the tests of pages call: what each answers is written in the call's own URL. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';

const PREFIX = '/backend/';
const MEMORY = 10_000;

/** A request as it arrived. */
export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Base64. */
  readonly body: string;
}

/**
 * Served at the pages' own origin, and at two others whose addresses `/backend/elsewhere` and `/backend/lookout` tell.
 * Query parameters: `id` (under which `/backend/seen?id=…` lists what arrived, and `/backend/left?id=…` ends what hangs),
 * `status`, `answer` (see {@link answers}), `location`, `after` (milliseconds). An access token whose name begins with `dead` is refused with 401.
 */
export function backend(): Plugin {
  return {
    name: 'holdfast-test-backend',
    configureServer: async (vite) => {
      const open = async () => {
        const server = createServer((request, response) => void serve(request, response));
        await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
        server.on('upgrade', greet);
        server.unref();
        vite.httpServer?.on('close', () => server.close());
        const { port } = server.address() as AddressInfo;
        return `http://127.0.0.1:${port}${PREFIX}`;
      };
      const [elsewhere, lookout] = [await open(), await open()];
      vite.middlewares.use((request, response, next) => {
        if (request.url === `${PREFIX}elsewhere`) response.end(elsewhere);
        else if (request.url === `${PREFIX}lookout`) response.end(lookout);
        else if (request.url?.startsWith(PREFIX)) void serve(request, response);
        else next();
      });
    },
  };
}

const arrivals = new Map<string, Arrival[]>();
const hanging = new Map<string, ServerResponse>();
let rotations = 0;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://backend');
  allow(request, response);
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const ask = (name: string) => url.searchParams.get(name) ?? undefined;
  if (url.pathname === `${PREFIX}seen`) return json(response, arrivals.get(ask('id') ?? '') ?? []);
  if (url.pathname === `${PREFIX}left`) {
    hanging.get(ask('id') ?? '')?.destroy();
    return void response.end();
  }
  const body = await read(request);
  // What is counted must not be sent again by the browser, as where a connection that it kept turns out to be closed.
  response.shouldKeepAlive = ask('id') === undefined;
  const { headers, method = '' } = request;
  note(ask('id'), { method, url: request.url ?? '', headers, body });
  if (url.pathname === `${PREFIX}token`) {
    rotations += 1;
    const tokens = { access_token: `good-${rotations}`, refresh_token: `refresh-${rotations}` };
    return json(response, { ...tokens, token_type: 'Bearer', expires_in: 3_600 });
  }
  const after = Number(ask('after') ?? 0);
  if (after > 0) await new Promise((resolve) => setTimeout(resolve, after));
  if (headers.authorization?.startsWith('Bearer dead')) {
    return void response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('refused');
  }
  response.statusCode = Number(ask('status') ?? 200);
  const location = ask('location');
  if (location !== undefined) response.setHeader('location', location);
  (answers[ask('answer') ?? 'echo'] ?? answers['echo'])?.(response, request);
}

/** Opens a WebSocket (RFC 6455 section 4.2.2) and says hello. */
function greet({ headers, method = '', url = '' }: IncomingMessage, socket: Duplex): void {
  note(new URL(url, 'http://backend').searchParams.get('id') ?? undefined, { method, url, headers, body: '' });
  const key = `${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    'Sec-WebSocket-Protocol: bearer',
  ];
  socket.on('error', () => undefined);
  socket.write(`${lines.join('\r\n')}\r\n\r\n\x81\x05hello`, 'latin1');
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const answers: Readonly<Record<string, Answer>> = {
  echo: (response, { method, url }) => json(response, { method, url }),
  graph: (response) => json(response, { data: { order: 'done' } }),
  empty: (response) => void response.end(),
  text: (response) =>
    void response.setHeader('content-type', 'text/plain; charset=utf-8').end('žluťoučký kůň\n'.repeat(50)),
  bytes: (response) => void response.setHeader('content-type', 'application/x-any').end(Buffer.alloc(100_000, 7)),
  stream: (response) => {
    response.write('first');
    setTimeout(() => void response.end('second'), 5);
  },
  drip: (response) => {
    response.write('first');
    setTimeout(() => void response.end('second'), 200);
  },
  cut: (response) => {
    response.setHeader('content-length', 1_000).write('half');
    response.flushHeaders(); // For HEAD nothing has been written.
    setTimeout(() => void response.destroy(), 5);
  },
  events: (response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write('data: first\n\n');
    setTimeout(() => void response.end('data: second\n\n'), 5);
  },
  /** Headers, and no end while anybody is there. */
  endless: (response) => {
    response.write('begun');
    response.flushHeaders();
    setTimeout(() => response.destroy(), 200);
  },
  /** Nothing, for longer than any caller waits. */
  hang: (response, { url = '' }) => {
    hanging.set(new URL(url, 'http://backend').searchParams.get('id') ?? '', response);
    setTimeout(() => response.destroy(), 20_000).unref();
  },
  gone: (response) => void response.destroy(),
};

function allow({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('cache-control', 'no-store');
  if (headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '');
}

function note(id: string | undefined, arrival: Arrival): void {
  if (id === undefined) return;
  const [oldest] = arrivals.keys();
  // That one only: of the others somebody may be about to ask.
  if (arrivals.size >= MEMORY && oldest !== undefined) arrivals.delete(oldest);
  arrivals.set(id, [...(arrivals.get(id) ?? []), arrival]);
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The caller has left.
  }
  return Buffer.concat(chunks).toString('base64');
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}
