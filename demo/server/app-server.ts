/** Serves the demo's page, and the page's door to the servers' levers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Books } from './books.ts';
import { type Control, obey } from './control.ts';
import { type Handler, pathOf, readJson } from './loopback.ts';
import { buildPage } from './page-files.ts';

/** What the page's server needs to know. */
export interface AppServerOptions {
  /** The folder of the page's `index.html`. */
  readonly root: string;
  readonly issuer: string;
  readonly api: string;
  readonly clientId: string;
  /** Seconds. */
  readonly accessTokenLife: number;
  readonly control: Control;
  readonly books: Books;
}

/** Server-sent events: the counts now, and again after each change, at most ten times a second. */
function follow(books: Books, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    timer = undefined;
    response.write(`data: ${JSON.stringify(books.read())}\n\n`);
  };
  const undo = books.subscribe(() => {
    timer ??= setTimeout(send, 100);
  });
  response.on('close', () => {
    undo();
    clearTimeout(timer);
  });
  send();
}

async function command(control: Control, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // This content type makes another site's page ask first, and nobody answers.
  const isJson = request.headers['content-type'] === 'application/json';
  const done = isJson && obey(control, await readJson(request));
  response.writeHead(done ? 204 : 400).end();
}

/** Makes the request handler of the page's server. */
export async function createAppServer(options: AppServerOptions): Promise<Handler> {
  const { issuer, api, control, books } = options;
  const files = await buildPage(options.root);
  const index = files.get('/index.html');
  const settings: Readonly<Record<string, string>> = {
    issuer,
    api,
    'client-id': options.clientId,
    'access-token-life': String(options.accessTokenLife),
  };
  const document = String(index?.content).replace(
    /\{\{([a-z-]+)\}\}/g,
    (_placeholder, name: string) => settings[name] ?? '',
  );
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src 'self' ${issuer} ${api}`,
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  return async (request, response) => {
    const path = pathOf(request);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (path === '/control' && request.method === 'POST') return command(control, request, response);
    if (path === '/control/counts') return follow(books, response);
    if (path === '/' || path === '/callback') {
      const headers = { 'Content-Type': index?.type, 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' };
      response.writeHead(200, headers).end(document);
      return;
    }
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-cache' }).end(file.content);
  };
}
