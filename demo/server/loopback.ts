/** An HTTP server on the loopback interface: its origin is known before it has anything to serve. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server that listens. */
export interface LoopbackServer {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Says who answers from now on. */
  readonly serve: (handler: Handler) => void;
  /** Stops listening and drops every connection. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/** Listens on the port given, or on a free one for 0. */
export async function listen(port: number): Promise<LoopbackServer> {
  let answer: Handler = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => {
    void Promise.resolve()
      .then(() => answer(request, response))
      .catch(() => {
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');

  return {
    origin: `http://127.0.0.1:${address.port}`,
    serve: (handler) => {
      answer = handler;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path that a request asks for, without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

/** Reads a request's body as text, up to 64 KiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 65_536) throw new RangeError('The request body is too long.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a request's body as JSON; nothing when it is none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await readBody(request));
  } catch {
    return undefined;
  }
}
