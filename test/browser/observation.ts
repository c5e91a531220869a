/** A call made for real, and everything that its caller and the server can see of it. */
import { server } from 'vitest/browser';
import type { Arrival } from './backend.ts';
import { bodyOf, type Call } from './calls.ts';

export interface Stage {
  /** The addresses of the backend: at the page's own origin, and at another one. */
  readonly near: string;
  readonly far: string;
  /** A third, with connections of its own: a browser has six for each, and what hangs keeps them. */
  readonly lookout: string;
}

type Fetch = typeof globalThis.fetch;

/** SHA-256 of what the backend answers as text. */
const RIGHT = 'sha256-vBFxbWoKd483CQFUq1gZ+KOaJOLDpltYbLcMPnQbhGw=';

/** Makes the call with that fetch. Whatever differs from call to call by nature is taken out. */
export async function observe(stage: Stage, call: Call, fetch: Fetch): Promise<unknown> {
  const id = crypto.randomUUID();
  const { controller, init, input, request } = argumentsOf(stage, call, id);
  if (call.abort === 'before') controller.abort(REASON);
  let pending: Promise<Response>;
  try {
    pending = init === undefined ? fetch(input) : fetch(input, init);
  } catch (error) {
    return { threw: failure(error) };
  }
  const isUsedAtOnce = request?.bodyUsed;
  if (call.isMutated) mutate(init);
  if (call.abort === 'at once') controller.abort(REASON);
  if (call.abort === 'waiting') void leave(stage, id, pending, controller);
  const settled = await pending.then(
    (response) => {
      if (call.abort === 'reading') controller.abort(REASON);
      return describe(response);
    },
    (error: unknown) => ({ rejected: failure(isForgotten(call, error) ? REASON : error) }),
  );
  const arrivals = await seen(stage, id);
  // A `keepalive` request keeps its connection when its caller has left.
  if (call.abort === 'waiting') await globalThis.fetch(`${stage.lookout}left?id=${id}`);
  return {
    settled,
    isUsedAtOnce,
    isUsed: request?.bodyUsed,
    // Whether it had left before the caller did is a matter of chance.
    arrived: call.abort === 'never' ? arrivals.map((arrival) => clean(arrival, id)) : 'aborted',
  };
}

const REASON = { because: 'the caller leaves' };

/**
 * Firefox rejects a `keepalive` request with an AbortError of its own, WebKit whatever is left before it has begun, and
 * a `Request` with a body, for which session.fetch gives the reason itself.
 */
function isForgotten({ abort, form, options }: Call, error: unknown): boolean {
  const mayBeInWebKit = abort === 'at once' || (abort === 'waiting' && form === 'Request');
  const mayBe = options.keepalive === true || (server.browser === 'webkit' && mayBeInWebKit);
  return mayBe && error instanceof DOMException && error.name === 'AbortError';
}

async function seen({ lookout }: Stage, id: string): Promise<Arrival[]> {
  return (await (await globalThis.fetch(`${lookout}seen?id=${id}`)).json()) as Arrival[];
}

/** Leaves as soon as the request has arrived, unless it never will. */
async function leave(stage: Stage, id: string, pending: Promise<unknown>, controller: AbortController): Promise<void> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  pending.then(settle, settle);
  while (!isSettled && (await seen(stage, id)).length === 0);
  controller.abort(REASON);
}

function argumentsOf(stage: Stage, call: Call, id: string) {
  const query = new URLSearchParams({ id });
  for (const [name, value] of Object.entries(call.query)) query.set(name, String(value));
  if (call.location !== undefined && call.location !== 'none')
    query.set('location', `${placeOf(stage, call.location)}landing?id=${id}&answer=text`);
  const url = `${placeOf(stage, call.place)}call?${query.toString()}`;
  const controller = new AbortController();
  const options = optionsOf(call);
  const { signal } = controller;
  if (call.form !== 'Request' && call.form !== 'used Request') {
    const init: RequestInit | undefined = { ...options, signal };
    return { controller, input: inputOf(call.form, url), init, request: undefined };
  }
  let request: Request;
  try {
    request = new Request(url, call.isInRequest ? { ...options, signal } : { signal });
  } catch {
    request = new Request(url, { method: 'POST', body: 'x', signal });
  }
  if (call.form === 'used Request') void request.text().catch(() => undefined);
  return { controller, input: request, init: call.isInRequest ? undefined : options, request };
}

function placeOf({ far, near }: Stage, place: Call['place']): string {
  return `${place === 'ours' || place === 'outside' ? near : far}${place.startsWith('ours') ? 'api/' : 'public/'}`;
}

function inputOf(form: Call['form'], url: string): string | URL {
  const { origin } = location;
  if (form === 'URL') return new URL(url);
  if (form === 'relative') return url.startsWith(origin) ? url.slice(origin.length) : url;
  if (form === 'stringifiable') return { toString: () => url } as unknown as URL;
  return url;
}

function optionsOf({ body, headers, integrity, options }: Call): RequestInit {
  const init: RequestInit = { ...options };
  const content = bodyOf(body);
  if (content !== undefined) init.body = content;
  if (integrity !== undefined) init.integrity = integrity === 'right' ? RIGHT : `sha256-${'A'.repeat(43)}=`;
  if (headers?.form === 'object') init.headers = Object.fromEntries(headers.pairs);
  if (headers?.form === 'pairs') init.headers = headers.pairs.map(([name, value]) => [name, value] as [string, string]);
  if (headers?.form === 'Headers') init.headers = headersOf(headers.pairs);
  return init;
}

function headersOf(pairs: readonly (readonly [string, string])[]): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value);
    } catch {
      // It cannot be in Headers at all.
    }
  }
  return headers;
}

/** What a caller that uses its objects again does to them. */
export function mutate(init: RequestInit | undefined): void {
  if (init === undefined) return;
  const { body, headers } = init;
  if (headers instanceof Headers) headers.set('x-a', 'later');
  else if (Array.isArray(headers)) headers.push(['x-a', 'later']);
  else if (headers !== undefined) Object.assign(headers, { 'x-a': 'later' });
  if (body instanceof ArrayBuffer) new Uint8Array(body).fill(0);
  if (ArrayBuffer.isView(body)) new Uint8Array(body.buffer).fill(0);
  if (body instanceof FormData || body instanceof URLSearchParams) body.append('later', '1');
  Object.assign(init, {
    method: 'DELETE',
    body: 'later',
    headers: { 'x-a': 'later' },
    redirect: 'error',
    signal: AbortSignal.abort(),
  });
}

async function describe(response: Response): Promise<unknown> {
  const { ok, redirected, status, statusText, type, url } = response;
  const headers = Object.fromEntries(response.headers);
  delete headers['date'];
  const isUsed = response.bodyUsed;
  const body = await response.arrayBuffer().then(
    (bytes) => (bytes.byteLength > 500 ? bytes.byteLength : plain(new TextDecoder().decode(bytes))),
    (error: unknown) => failure(error),
  );
  return { ok, redirected, status, statusText, type, url: plain(url), headers, body, isUsed };
}

/** The kind of the failure. The messages name the method that was called. */
function failure(error: unknown): unknown {
  if (error === REASON) return 'the reason given';
  return error instanceof Error ? [error.name, Object.prototype.toString.call(error)] : String(error);
}

function clean({ body, headers, method, url }: Arrival, id: string): unknown {
  const {
    authorization,
    connection: _connection,
    'content-length': length,
    'content-type': type,
    'sec-fetch-storage-access': _access, // It changes with what the browser has seen before.
    ...others
  } = headers;
  const text = atob(body);
  // A caller's own Content-Type may say nothing of it.
  const boundary = /^--(\S+)\r\n/.exec(text)?.[1];
  return {
    method,
    url: url.replaceAll(id, 'ID'),
    type: boundary === undefined ? type : String(type).replace(boundary, 'BOUNDARY'),
    body: boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY'),
    authorization: authorization?.toString().startsWith('Bearer good') ? undefined : authorization,
    // Firefox draws boundaries of different lengths.
    length: boundary === undefined ? length : undefined,
    others,
  };
}

function plain(text: string): string {
  return text.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID');
}
