/** Other people's servers, each at an origin of its own on this host, as far as a page can tell: their paths, answers and cookies. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Plugin } from 'vite';
import { bff } from './bff.ts';
import { folio } from './folio.ts';
import { readCookies, type System } from './system.ts';

const SYSTEMS: Readonly<Record<string, () => System>> = { bff, folio };

/** `/backends/folio` tells the address of a FOLIO. */
export function backends(): Plugin {
  return {
    name: 'holdfast-test-backends',
    configureServer: async (vite) => {
      const ports = new Map<string, number>();
      for (const [name, make] of Object.entries(SYSTEMS)) {
        const system = make();
        const server = createServer((request, response) => void serve(system, request, response));
        await new Promise<void>((resolve) => void server.listen(0, resolve));
        server.unref();
        vite.httpServer?.on('close', () => server.close());
        ports.set(`/backends/${name}`, (server.address() as AddressInfo).port);
      }
      vite.middlewares.use((request, response, next) => {
        const port = ports.get(request.url ?? '');
        if (port === undefined) return next();
        response.end(`http://${(request.headers.host ?? '').replace(/:\d+$/, '')}:${port}`);
      });
    },
  };
}

async function serve(system: System, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method = '' } = request;
  // What is dropped must not be sent again by the browser over a connection that it had used before.
  response.shouldKeepAlive = false;
  response.setHeader('access-control-allow-origin', headers.origin ?? '*');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '');
  response.setHeader('access-control-max-age', '600');
  if (method === 'OPTIONS') return void response.writeHead(204).end();
  const url = new URL(request.url ?? '', 'http://backend');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await system({
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    cookies: readCookies(headers.cookie),
    body: Buffer.concat(chunks).toString(),
  });
  if (answer.after !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.after));
  if (answer.status === 0) return void response.destroy();
  if (answer.cookies !== undefined) response.setHeader('set-cookie', [...answer.cookies]);
  response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' }).end(answer.body);
}
