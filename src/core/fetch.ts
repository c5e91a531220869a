/** The fetch: scope, gate, attach, send, judge; after a refusal one rotation and one replay. */
import type { Admission } from './admission.ts';
import { BodyNotReplayableError } from './errors.ts';
import { dressHeaders, fixHeaders, hasHeader } from './headers.ts';
import { outgoingOf, referrerOf, type Outgoing } from './outgoing.ts';
import type { Network } from './ports.ts';
import type { Scope } from './scope.ts';
import { before, since, type Moment } from './timing.ts';
import type { Attachment, RequestParts, TokenServer, Tokens } from './types.ts';
import type { Held } from './held.ts';

export interface FetchOptions {
  readonly scope: Scope;
  /** The page's base URL. */
  readonly base: () => string;
  readonly now: () => Moment;
  readonly server: TokenServer;
  readonly network: Network;
  readonly admission: Admission;
  /** Tokens that came with an answer. */
  readonly onPushed: (held: Held, tokens: Tokens) => Promise<void>;
}

/** Why and how it is sent: in the task of the call, and once more for a refusal, and with either token because the server said so. */
interface Past {
  readonly isAtOnce?: boolean;
  readonly isReplay?: boolean;
  readonly isAgain?: boolean;
}

const FIRST: Past = { isAtOnce: true };

type Fetch = typeof globalThis.fetch;

export function createFetch(options: FetchOptions): Fetch {
  const { admission, base, network, now, onPushed, scope, server } = options;

  // A method cannot be constructed, as native fetch cannot; a rest parameter keeps `length` at 1.
  const { fetch } = {
    fetch(this: void, input: RequestInfo | URL, ...rest: [init?: RequestInit]): Promise<Response> {
      try {
        if (arguments.length === 0) return network.fetch(...([] as unknown as Parameters<Fetch>));
        const own = urlOf(input);
        const given = own === undefined ? undefined : (input as Request);
        // As natively: of a symbol there is no string.
        const url = own ?? ''.concat(input as string);
        if (!scope(url) || !isInit(rest[0])) return network.fetch(input, ...rest);
        // Its members are read once, as natively: they may be getters.
        const isCopied = isPlain(rest[0]);
        const request = isCopied ? given : new Request(given ?? new URL(url, base()), rest[0]);
        const init: RequestInit = isCopied ? { ...rest[0] } : {};
        return go(url, request, init);
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
  return fetch;

  function go(url: string, request: Request | undefined, init: RequestInit): Promise<Response> {
    if (request && Object.values(init).every((member) => member === undefined)) init = referrerOf(request);
    const own = init.headers === undefined ? request?.headers : init.headers;
    const headers = own === undefined ? undefined : fixHeaders(own);
    // Those that can be read only once have been read by now.
    if (init.headers !== undefined && headers !== undefined) init.headers = headers;
    const signal = (init.signal === undefined ? request?.signal : init.signal) ?? undefined;
    // One that is aborted by now is rejected as promptly as natively, and its body is let go.
    const isBare = (init.mode ?? request?.mode) === 'no-cors' || signal?.aborted;
    if (isBare || (headers && hasHeader(headers, 'authorization'))) return network.fetch(request ?? url, init);
    const held = admission.pass();
    const from = held === undefined ? now() : undefined;
    const outgoing = outgoingOf({ network, base, url, request, init, headers, signal, from });
    return held === undefined ? enter(outgoing) : send(outgoing, held, FIRST);
  }

  async function enter(outgoing: Outgoing): Promise<Response> {
    const { from, signal } = outgoing;
    const held = await admission.enter(outgoing).catch((error: unknown) => drop(outgoing, error));
    // Aborted since the call: what is sent now would not let its body go.
    if (signal?.aborted) return drop(outgoing, signal.reason);
    if (held === undefined) return outgoing.send({});
    return send(from === undefined ? outgoing : { ...outgoing, waited: since(from, now()) }, held);
  }

  function send(outgoing: Outgoing, held: Held, past: Past = {}): Promise<Response> {
    return transmit(outgoing, held, past.isAtOnce).then(
      (response) => judge(outgoing, held, response, past),
      (error: unknown) => drop(outgoing, error),
    );
  }

  function drop(outgoing: Outgoing, error: unknown): never {
    outgoing.drop(error);
    throw error;
  }

  function transmit(outgoing: Outgoing, held: Held, isAtOnce = false): Promise<Response> {
    const attachment = attach(options, outgoing.parts, held);
    if (!(attachment instanceof Promise)) return outgoing.send(dressed(outgoing, attachment), isAtOnce);
    return admission.whileLive(attachment, outgoing.signal).then((ready) => {
      // Somebody may have signed out, or in again, while it was signed.
      const newest = admission.check(held);
      if (newest.record.epoch !== held.record.epoch) return transmit(outgoing, newest);
      return outgoing.send(dressed(outgoing, ready));
    });
  }

  function judge(outgoing: Outgoing, held: Held, response: Response, past: Past): Response | Promise<Response> {
    // What a redirect led away is nothing to the session: not its refusals, and not its tokens.
    if (response.redirected && !scope(response.url)) return response;
    const pushed = server.adopt?.(response, held.tokens);
    if (pushed !== undefined) return onPushed(held, pushed).then(() => verdict(outgoing, held, response, past));
    return verdict(outgoing, held, response, past);
  }

  function verdict(outgoing: Outgoing, held: Held, response: Response, past: Past): Response | Promise<Response> {
    const refusal = server.isRefusal({ request: outgoing.parts, response });
    if (refusal === false) return response;
    return Promise.resolve(refusal).then((said) => {
      if (said === 'again') return past.isAgain ? response : again(outgoing, held, response, past);
      return said && !past.isReplay ? replay(outgoing, held, response) : response;
    });
  }

  function again(outgoing: Outgoing, held: Held, response: Response, past: Past): Promise<Response> {
    if (!outgoing.isReplayable) throw new BodyNotReplayableError(response);
    discard(response);
    return send(outgoing, held, { ...past, isAtOnce: false, isAgain: true });
  }

  /** One rotation, one replay. Whoever was refused with a token that is not the newest goes on with that. */
  async function replay(outgoing: Outgoing, held: Held, response: Response): Promise<Response> {
    const { signal, waited = 0 } = outgoing;
    let newer: Held | undefined;
    try {
      // Its time on the network was no waiting.
      newer = await admission.renew(held, 'refusal', { signal, from: before(now(), waited) });
    } catch (error) {
      if (!outgoing.isReplayable && !signal?.aborted) throw new BodyNotReplayableError(response);
      discard(response);
      throw error;
    }
    if (newer === undefined) return response;
    if (!outgoing.isReplayable) throw new BodyNotReplayableError(response);
    discard(response);
    return send(outgoing, newer, { isReplay: true });
  }
}

/** What to put on a request, by the server's clock as far as it is known. */
export function attach(
  { now, server }: Pick<FetchOptions, 'now' | 'server'>,
  parts: RequestParts,
  { record, tokens }: Held,
): Attachment | Promise<Attachment> {
  return server.attach(parts, tokens, now().wall + (record.skew?.offset ?? 0));
}

/** Nobody will read it: its connection is let go. */
function discard(response: Response): void {
  void response.body?.cancel().catch(() => undefined); // It may have been cut meanwhile.
}

function dressed({ headers }: Outgoing, attachment: Attachment): RequestInit {
  const dress: RequestInit = { headers: dressHeaders(headers, attachment.headers) };
  if (attachment.credentials !== undefined) dress.credentials = attachment.credentials;
  return dress;
}

/** Where a request goes, be it of another realm, an iframe's. What only looks like one goes where its string says. */
function urlOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input instanceof URL) return undefined;
  try {
    return Reflect.get<Request, 'url'>(Request.prototype, 'url', input);
  } catch {
    return undefined; // It is none.
  }
}

/** What native fetch refuses, it is to refuse itself. */
function isInit(init: unknown): boolean {
  return typeof init === 'object' || init === undefined || typeof init === 'function';
}

/** Whether all its members are its own: what it inherits would be lost in a copy. */
function isPlain(init: RequestInit | undefined): boolean {
  if (!init) return true;
  const prototype: unknown = Object.getPrototypeOf(init);
  return prototype === null || prototype === Object.prototype;
}
