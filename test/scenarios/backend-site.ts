/** One of the backends and the page that uses it, in the demo's place: its levers and its books are the demo's. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAppServer } from '../../demo/server/app-server.ts';
import { type Books, openBooks } from '../../demo/server/books.ts';
import { createControl } from '../../demo/server/control.ts';
import type { Demo } from '../../demo/server/demo.ts';
import { createFaults, type Faults } from '../../demo/server/faults.ts';
import { type Handler, listen, pathOf, readBody } from '../../demo/server/loopback.ts';
import type { Backend, OpenBackend } from '../backends/backend.ts';
import type { Answer, Question } from '../backends/stand.ts';

/** What to start. */
export interface BackendSiteOptions {
  readonly open: OpenBackend;
  /** The page's word for the token server. */
  readonly server: string;
  /** Seconds that an access token lives. */
  readonly life: number;
  /** The folder of the page. */
  readonly root: string;
}

/** Starts it on loopback: the page at one origin, the backend at another. */
export async function startBackendSite({ life, open, root, server }: BackendSiteOptions): Promise<Demo> {
  const [page, site] = await Promise.all([listen(0), listen(0)]);
  const { origin } = site;
  const backend = await open(life, origin);
  const books = openBooks();
  const faults = createFaults(life);
  const control = createControl(faults, books, []);
  const clientId = 'spa';
  site.serve(createFront(backend, books, faults));
  page.serve(
    await createAppServer({ root, issuer: origin, api: origin, clientId, accessTokenLife: life, control, books }),
  );
  return {
    url: `${page.origin}/?server=${server}`,
    issuer: origin,
    api: origin,
    clientId,
    control,
    close: async () => void (await Promise.all([page.close(), site.close(), backend.close?.()])),
  };
}

function createFront(backend: Backend, books: Books, faults: Faults): Handler {
  const note = createNotes(backend, books);
  return async (request, response) => {
    const { headers, method = '' } = request;
    if (method === 'OPTIONS') return send(request, response, { status: 204 });
    const question = { method, path: pathOf(request), headers, body: await readBody(request) };
    const isRotation = backend.isRotation(question);
    if (isRotation) books.arrival();
    // What is counted must not be sent again by the browser over a connection that turns out to be closed.
    if (isRotation) response.shouldKeepAlive = false;
    const reach = faults.reach();
    // As with the demo's, the API stays up.
    if (reach.status === 'down' && (isRotation || !question.path.startsWith('/api/'))) {
      if (isRotation) books.tokenRequest('unread', reach.mode);
      return send(request, response, { status: 503, body: 'down' });
    }
    const hold = isRotation ? faults.takeHold() : undefined;
    await hold?.pass('before');
    if (request.socket.destroyed) return;
    const answer = await backend.answer(question);
    note(question, answer);
    if (isRotation && (answer.status ?? 200) < 300 && faults.takeDrop()) return cut(request, response, answer);
    if (answer.after !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.after));
    await hold?.pass('after');
    send(request, response, answer);
  };
}

/** Copies what is new in the backend's ledger into the books. */
function createNotes({ isRotation, ledger }: Backend, books: Books): (question: Question, answer: Answer) => void {
  const told = { rotations: 0, reuses: 0, logouts: 0, refused: 0 };
  return (question, { status = 200 }) => {
    for (; told.rotations < ledger.rotations; told.rotations += 1) books.tokenRequest('refresh_token', 'ok');
    for (; told.reuses < ledger.reuses; told.reuses += 1) books.reuse();
    for (; told.logouts < ledger.logouts; told.logouts += 1) books.revocation(true);
    const isNew = told.refused < ledger.refused.length;
    const age = isNew ? ledger.refused[told.refused] : undefined;
    if (isNew) told.refused += 1;
    if (isRotation(question)) {
      if (status >= 400) books.tokenRequest('refresh_token', String(status));
    } else if (question.path.startsWith('/api/') && (isNew || !wantsNonce(question, status))) {
      books.apiCall(status, isNew ? { at: Date.now(), reason: 'expired', age: (age ?? 0) / 1_000 } : undefined);
    }
  };
}

/** The token was not looked at: the call comes again. */
function wantsNonce({ headers }: Question, status: number): boolean {
  return status === 401 && headers['dpop'] !== undefined;
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { body, status = 200 } = answer;
  response.writeHead(status, headersFor(request, answer));
  if (body === undefined) response.end();
  else response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** In the middle. Before its head, Chromium would send the request again by itself. */
function cut(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(200, { ...headersFor(request, answer), 'content-length': '1000' });
  response.write('{', () => void response.destroy());
}

function headersFor({ headers }: IncomingMessage, answer: Answer): Record<string, string | string[]> {
  const { body, headers: own = {}, isShared = true } = answer;
  const shared = {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST',
    'access-control-max-age': '600',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '',
  };
  const mine = Object.entries(own).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]);
  return {
    'cache-control': 'no-store',
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    ...(isShared && shared),
    ...Object.fromEntries(mine),
  };
}
