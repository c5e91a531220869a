/** What stands behind an app in production: its built files, a login, and the token server and API of `holdfast/testing`. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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
  /** From now on token requests stand before the server's door. */
  readonly stall: () => Stall;
  readonly close: () => void;
}

export interface Stall {
  readonly waiting: () => number;
  /** How many were given up by their pages. The server never hears of those. */
  readonly abandoned: () => number;
  /** Lets in who waits, and whoever comes. */
  readonly release: () => void;
}

/** Serves what was built into that folder. Whoever logs in is `ada`. */
export async function serveApp(folder: string): Promise<AppServer> {
  const server = fakeServer({ life: 3, api: () => Response.json(['A book', 'Two apples']) });

  let admit: ((response: ServerResponse) => Promise<void>) | undefined;

  function stall(): Stall {
    const doors = new Set<() => void>();
    let abandoned = 0;
    admit = (response) =>
      new Promise((enter) => {
        doors.add(enter);
        response.once('close', () => {
          if (!doors.delete(enter)) return;
          abandoned += 1;
          enter();
        });
      });
    const release = () => {
      admit = undefined;
      for (const enter of doors) enter();
      doors.clear();
    };
    return { waiting: () => doors.size, abandoned: () => abandoned, release };
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/login') return Response.json(server.login('ada'));
    if (/^\/(api|oauth)\//.test(pathname)) return server.answer(request);
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return new Response(null, { status: 404 });
    return new Response(readFileSync(file), { headers: { 'content-type': TYPES[extname(file)] ?? 'text/plain' } });
  }

  const http = createServer((request, response) => {
    void read(request).then(async (whole) => {
      if (whole.url.includes('/oauth/')) await admit?.(response);
      if (response.destroyed) return;
      const { body, headers, status } = await answer(whole);
      response.writeHead(status, Object.fromEntries(headers));
      response.end(body && Buffer.from(await new Response(body).arrayBuffer()));
    });
  });
  await new Promise<void>((listening) => void http.listen(0, '127.0.0.1', listening));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, server, stall, close: () => void http.close() };
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const { headers, method = 'GET', url = '/' } = incoming;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = chunks.length === 0 ? null : Buffer.concat(chunks);
  return new Request(new URL(url, `http://${headers.host ?? ''}`), { method, headers: headers as HeadersInit, body });
}
