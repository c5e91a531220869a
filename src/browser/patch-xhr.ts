/** The page's own XMLHttpRequest, carrying the session's token. */
import { insidesOf } from '../core/insides.ts';
import type { Session, Undo } from '../core/types.ts';
import type { Body } from './patch-body.ts';
import { createCall, type Call } from './patch-call.ts';
import { layFor } from './patch-owners.ts';
import { layAll, replaceProperties } from './patch-properties.ts';

const EVENTS = ['readystatechange', 'loadstart', 'progress', 'load', 'loadend', 'error', 'abort', 'timeout'];

/**
 * Lets every asynchronous `XMLHttpRequest` to the session's resources do what `session.fetch` does. The objects
 * stay native, with native events: a refused answer is kept from the caller, who sees one request.
 *
 * A synchronous one, one with an `Authorization` of its own, and one to another URL go out as they came. A body is kept
 * until it is answered. Of an upload that is sent again only what is new is shown.
 * A `FormData` gets another boundary when it is sent again.
 * A refusal that the server module takes time to recognize is handed over.
 * Where a request that waits fails, or its `timeout` is over, an `error` or `timeout` event says so.
 * To ask for `upload` is as to listen to it: to another origin it causes a preflight.
 *
 * Called again with the same session it counts one owner more; the undo of the last puts everything back exactly as
 * it was. Requests that wait by then go on. An object that was there before it was laid, or whose class was, carries
 * the token as well, but is not sent again: one that waits begins, for its caller, when it is sent, and where its time
 * is over by then that is an `error`.
 * On a server it does nothing.
 *
 * @example
 * const undo = patchXMLHttpRequest(session);
 * axios.get('/api/orders'); // carries the token
 * undo();
 *
 * @throws TypeError when it is laid already, for another session or by another copy of the library.
 */
export function patchXMLHttpRequest(session: Session): Undo {
  if (typeof document === 'undefined') return () => {};
  const insides = insidesOf(session);
  return layFor(session, 'XMLHttpRequest', () => {
    const { prototype } = XMLHttpRequest;
    const native = {
      abort: methodOf(prototype, 'abort'),
      addEventListener: methodOf(prototype, 'addEventListener'),
      open: methodOf(prototype, 'open'),
      removeEventListener: methodOf(prototype, 'removeEventListener'),
      send: methodOf(prototype, 'send'),
      setRequestHeader: methodOf(prototype, 'setRequestHeader'),
    };
    const before = Object.getOwnPropertyDescriptors(prototype);
    /** By the request, and by its upload. */
    const calls = new WeakMap<object, Call>();
    /** Of those that somebody has asked for: to listen to another's would cause a preflight. */
    const uploads = new WeakMap<XMLHttpRequest, XMLHttpRequestUpload>();
    /** Those that we listen to before anybody else does. */
    const known = new WeakSet<XMLHttpRequest>();
    let isLaid = true;

    const constructor = new Proxy(XMLHttpRequest, {
      construct: (target, given, newTarget) => {
        const xhr = Reflect.construct(target, given, newTarget) as XMLHttpRequest;
        if (isLaid) listen(xhr);
        known.add(xhr);
        return xhr;
      },
    });
    const methods: object & ThisType<XMLHttpRequest> = {
      constructor,
      open(method: string, url: string, ...rest: readonly unknown[]): void {
        if (arguments.length < 2) return native.open(this, ...arguments);
        const [verb, target] = [''.concat(method), ''.concat(url)];
        // What is seen of it is not for the last call to judge, which goes on if this throws.
        const last = calls.get(this);
        calls.delete(this);
        try {
          native.open(this, verb, target, ...rest);
        } catch (error) {
          if (last) calls.set(this, last);
          throw error;
        }
        last?.leave();
        const upload = uploads.get(this);
        const [isAsync, user, password] = rest.length > 0 ? rest : [true];
        const isOurs = isAsync && (user ?? password ?? undefined) === undefined && insides.scope(target);
        if (!isLaid || !isOurs) return upload && listen(upload, 'removeEventListener');
        const mayHide = known.has(this);
        const call = createCall({ xhr: this, native, insides, method: verb, url: target, mayHide });
        calls.set(this, call);
      },
      setRequestHeader(name: string, value: string): void {
        const call = calls.get(this);
        if (call === undefined || arguments.length < 2) native.setRequestHeader(this, ...arguments);
        else call.setRequestHeader(''.concat(name), ''.concat(value));
      },
      send(...given: [body?: Body]): void {
        const call = calls.get(this);
        if (call === undefined) return native.send(this, ...given);
        listen(this);
        const upload = uploads.get(this);
        if (upload) {
          listen(upload);
          calls.set(upload, call);
        }
        call.send(upload, given);
      },
      abort(): void {
        const call = calls.get(this);
        if (call === undefined) native.abort(this);
        else call.abort();
      },
      get upload(): XMLHttpRequestUpload {
        const upload = before.upload.get?.call(this) as XMLHttpRequestUpload;
        const mayBeOurs = this.readyState === XMLHttpRequest.UNSENT || calls.has(this);
        if (isLaid && mayBeOurs && !uploads.has(this)) listen(upload);
        uploads.set(this, upload);
        return upload;
      },
      set timeout(value: number) {
        before.timeout.set?.call(this, value);
        calls.get(this)?.changeTimeout();
      },
      set withCredentials(value: boolean) {
        calls.get(this)?.refuseWaiting();
        before.withCredentials.set?.call(this, value);
      },
    };
    const restore = layAll([
      () => replaceProperties(globalThis, { XMLHttpRequest: constructor }),
      () => replaceProperties(prototype, methods),
    ]);
    return {
      undo: () => {
        isLaid = false;
        restore();
      },
    };

    /** Chromium calls the listeners of such targets in the order in which they were added, capturing or not. */
    function listen(
      target: EventTarget,
      method: 'addEventListener' | 'removeEventListener' = 'addEventListener',
    ): void {
      for (const type of EVENTS) native[method](target, type, relay, true);
    }

    function relay(event: Event): void {
      if (event.currentTarget) calls.get(event.currentTarget)?.see(event as ProgressEvent);
    }
  });
}

type Method = (self: EventTarget, ...given: readonly unknown[]) => void;

function methodOf(target: object, name: string): Method {
  const method = Reflect.get(target, name) as () => void;
  return (self, ...given) => void Reflect.apply(method, self, given);
}
