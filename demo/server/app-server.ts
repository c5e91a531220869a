/** Serves the demo's pages, and the pages' door to the servers' levers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Books } from './books.ts';
import { type Control, obey } from './control.ts';
import { type Handler, pathOf, readJson } from './loopback.ts';
import { buildPage, type PageFile } from './page-files.ts';

/** What the pages' server needs to know. */
export interface AppServerOptions {
  /** The folder of the page at `/`, with its `index.html`. */
  readonly root: string;
  /** Folders in it, each with an app of its own that is served below `/NAME/`. Default none. */
  readonly apps?: readonly string[];
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

/** Tells a page in its head where the servers are. */
function tell(page: PageFile | undefined, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `<meta name="${name}" content="${value}">`);
  return String(page?.content).replace('</head>', `${lines.join('\n')}</head>`);
}

/** Makes the request handler of the pages' server. */
export async function createAppServer(options: AppServerOptions): Promise<Handler> {
  const { issuer, api, apps = [], control, books, root } = options;
  const settings: Readonly<Record<string, string>> = {
    issuer,
    api,
    'client-id': options.clientId,
    'access-token-life': String(options.accessTokenLife),
  };
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
  // The apps are built when they are first asked for.
  await buildPage(root);

  return async (request, response) => {
    const path = pathOf(request);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (path === '/control' && request.method === 'POST') return command(control, request, response);
    if (path === '/control/counts') return follow(books, response);

    const app = apps.find((name) => path === `/${name}` || path.startsWith(`/${name}/`));
    if (app !== undefined && path === `/${app}`) return void response.writeHead(302, { Location: `${path}/` }).end();
    const home = app === undefined ? '/' : `/${app}/`;
    const files = await buildPage(app === undefined ? root : join(root, app), home);
    const name = path.slice(home.length);
    const file = files.get(path);
    // The app's router knows what is at a path without an ending.
    const isPage = ['', 'index.html', 'callback'].includes(name) || (app !== undefined && !name.includes('.'));
    if (isPage) {
      const type = 'text/html; charset=utf-8';
      const headers = { 'Content-Type': type, 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' };
      response.writeHead(200, headers).end(tell(files.get(`${home}index.html`), settings));
    } else if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-cache' }).end(file.content);
  };
}
