/** What stands behind an app in production: its built files, a login, and the token server and API of `holdfast/testing`. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fakeServer, type FakeServer } from 'holdfast/testing';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

export interface AppServer {
  readonly url: string;
  readonly server: FakeServer;
  readonly close: () => void;
}

/** Serves what was built into that folder. Whoever logs in is `ada`. */
export async function serveApp(folder: string): Promise<AppServer> {
  const server = fakeServer({ life: 3, api: () => Response.json(['A book', 'Two apples']) });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/login') return Response.json(server.login('ada'));
    if (/^\/(api|oauth)\//.test(pathname)) return server.answer(request);
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return new Response(null, { status: 404 });
    return new Response(readFileSync(file), { headers: { 'content-type': TYPES[extname(file)] ?? 'text/plain' } });
  }

  const http = createServer((request, response) => {
    void read(request)
      .then(answer)
      .then(async ({ body, headers, status }) => {
        response.writeHead(status, Object.fromEntries(headers));
        response.end(body && Buffer.from(await new Response(body).arrayBuffer()));
      });
  });
  await new Promise<void>((listening) => void http.listen(0, '127.0.0.1', listening));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, server, close: () => void http.close() };
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const { headers, method = 'GET', url = '/' } = incoming;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = chunks.length === 0 ? null : Buffer.concat(chunks);
  return new Request(new URL(url, `http://${headers.host ?? ''}`), { method, headers: headers as HeadersInit, body });
}
