/** Serves the stands to the tests of pages, at the pages' own origin and at another one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Plugin } from 'vite';
import { airflow } from './airflow.ts';
import { romm } from './romm.ts';
import type { Answer, Build, Counts, Settings, Stand } from './stand.ts';

const PREFIX = '/stands/';
const KINDS: Readonly<Record<string, Build>> = { airflow, romm };

/** What befalls the stand: the next answer to a rotation is lost on its way. */
export type Fault = 'drops-answer' | undefined;

interface Open {
  readonly stand: Stand;
  readonly counts: Counts;
  fault: Fault;
}

const open = new Map<string, Open>();

/** `POST /stands/{kind}/{id}/open` with settings opens a stand and logs in; `…/fault` and `…/counts` are its levers. */
export function stands(): Plugin {
  return {
    name: 'holdfast-test-stands',
    configureServer: async (vite) => {
      const elsewhere = createServer((request, response) => void serve(request, response));
      await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve));
      elsewhere.unref();
      vite.httpServer?.on('close', () => elsewhere.close());
      const { port } = elsewhere.address() as AddressInfo;
      vite.middlewares.use((request, response, next) => {
        if (request.url === `${PREFIX}elsewhere`) response.end(`http://127.0.0.1:${port}`);
        else if (request.url?.startsWith(PREFIX)) void serve(request, response);
        else next();
      });
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, kind = '', id = '', path = ''] = /^\/stands\/(\w+)\/([\w-]+)(\/[^?]*)/.exec(request.url ?? '') ?? [];
  const { headers, method = '' } = request;
  // What is counted must not be sent again by the browser over a connection that turns out to be closed.
  response.shouldKeepAlive = false;
  if (method === 'OPTIONS') return send(request, response, { status: 204 });
  const body = await read(request);
  const it = open.get(id);
  const build = KINDS[kind];
  if (path === '/open' && build !== undefined) {
    const counts: Counts = { rotations: 0, reuses: 0, logouts: 0, good: 0, anonymous: 0, refused: [] };
    const stand = build(JSON.parse(body) as Settings, counts);
    open.set(id, { stand, counts, fault: undefined });
    return send(request, response, { body: stand.login() });
  }
  if (it === undefined) return send(request, response, { status: 404 });
  if (path === '/counts') return send(request, response, { body: it.counts });
  if (path === '/fault') {
    it.fault = (JSON.parse(body) as { readonly fault?: Fault }).fault;
    return send(request, response, { status: 204 });
  }
  const question = { method, path, headers, body };
  const answer = it.stand.answer(question);
  if (it.fault === 'drops-answer' && it.stand.isRotation(question)) {
    it.fault = undefined;
    return void response.destroy();
  }
  if (answer.after !== undefined && answer.after > 0) {
    await new Promise((resolve) => setTimeout(resolve, answer.after));
  }
  send(request, response, answer);
}

function send({ headers }: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { body, headers: own = {}, isShared = true, status = 200 } = answer;
  response.setHeader('cache-control', 'no-store');
  if (headers.origin !== undefined && isShared) {
    response.setHeader('access-control-allow-origin', headers.origin);
    response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '');
  }
  for (const [name, value] of Object.entries(own)) response.setHeader(name, value);
  response.statusCode = status;
  if (body === undefined) return void response.end();
  response.setHeader('content-type', typeof body === 'string' ? 'text/plain' : 'application/json');
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The caller has left.
  }
  return Buffer.concat(chunks).toString();
}
