/** One call of a patched XMLHttpRequest, from open() to its end: waits, carries the token, is sent again when refused. */
import type { Held } from '../core/held.ts';
import { attach, type FetchOptions } from '../core/fetch.ts';
import { normalize } from '../core/outgoing.ts';
import { before, since } from '../core/timing.ts';
import type { Attachment } from '../core/types.ts';
import { judge } from './patch-answer.ts';
import { copyBody, type Body } from './patch-body.ts';
import { forgetDone, keepDone } from './patch-done.ts';
import { createTimeout } from './patch-timeout.ts';
import { createUpload } from './patch-upload.ts';

type Method = (xhr: XMLHttpRequest, ...given: readonly unknown[]) => void;

/** The methods as they were before the patch. */
export type NativeMethods = Readonly<
  Record<'abort' | 'addEventListener' | 'open' | 'removeEventListener' | 'send' | 'setRequestHeader', Method>
>;

export interface Call {
  readonly setRequestHeader: (...given: [name: string, value: string]) => void;
  /** `upload`: if the caller has asked for it. */
  readonly send: (upload: XMLHttpRequestUpload | undefined, given: readonly [body?: Body]) => void;
  readonly abort: () => void;
  /** The caller has set another timeout. */
  readonly changeTimeout: () => void;
  /** @throws DOMException while it waits: the native object, which has not been sent, would not refuse. */
  readonly refuseWaiting: () => void;
  /** Another open() takes its place. */
  readonly leave: () => void;
  /** Looks at an event before the caller does. */
  readonly see: (event: ProgressEvent) => void;
}

export interface CallOptions {
  readonly xhr: XMLHttpRequest;
  readonly native: NativeMethods;
  readonly insides: FetchOptions;
  readonly method: string;
  readonly url: string;
  /** Whether events can be kept from the caller: only then it can be sent again. */
  readonly mayHide: boolean;
}

/**
 * The native object does all there is to see, so that its events are native. A refused answer is known with its
 * headers, before the caller has heard of it: it is kept from the caller, and the same object is opened and sent again.
 */
export function createCall({ insides, mayHide, method, native, url, xhr }: CallOptions): Call {
  const { admission, now } = insides;
  const base = insides.base();
  const parts = { url: new URL(url, base).href, method: normalize(method) };
  const headers: [name: string, value: string][] = [];
  const leaving = new AbortController();
  const progress = createUpload();
  let upload: XMLHttpRequestUpload | undefined;
  let phase: 'opened' | 'waiting' | 'sent' | 'feigned' | 'done' = 'opened';
  let body: Body;
  let held: Held | undefined;
  let isReplay = false;
  /** Whether it has been sent once more because of a refusal; with these tokens, for another reason. */
  let [wasRefused, isAgain] = [false, false];
  /** Whether the caller has seen it begin. */
  let hasBegun = false;
  /** Whether the native object has forgotten the headers. */
  let isReopened = false;
  /** Nothing that happens now is for the caller to see. */
  let isHidden = false;
  /** What the caller is told instead of an abort. */
  let failure: 'error' | 'timeout' | undefined;
  let isWithCookies = false;
  let [sentAt, waited] = [now(), 0];
  const timeout = createTimeout({ now, onOver: expire, xhr });

  return { setRequestHeader, send, abort, changeTimeout: timeout.change, refuseWaiting, leave, see };

  function setRequestHeader(...given: [name: string, value: string]): void {
    refuseWaiting();
    native.setRequestHeader(xhr, ...given);
    if (phase === 'opened') headers.push(given);
  }

  function send(asked: XMLHttpRequestUpload | undefined, given: readonly [body?: Body]): void {
    refuseWaiting();
    if (phase !== 'opened' || headers.some(([name]) => name.toLowerCase() === 'authorization')) {
      return native.send(xhr, ...given);
    }
    body = copyBody(given[0]);
    upload = asked;
    sentAt = now();
    held = admission.pass();
    const attachment = held && attach(insides, parts, held);
    if (attachment !== undefined && !(attachment instanceof Promise)) return transmit(attachment);
    // A caller who sees everything would see it begin twice: then it begins when it is sent.
    if (!mayHide || begin()) wait(held ?? admission.enter({ signal: leaving.signal, from: sentAt }), attachment);
    else attachment?.catch(() => {});
  }

  /** Natively a request begins with the call: so it does, and is stopped before anything is fetched. */
  function begin(): boolean {
    phase = 'sent';
    const halt = () => {
      isHidden = true;
      native.abort(xhr);
    };
    reopen('data:,');
    native.addEventListener(xhr, 'loadstart', halt);
    native.send(xhr, body);
    native.removeEventListener(xhr, 'loadstart', halt);
    if (phase !== 'sent') return false; // The caller has aborted it, or opened it anew.
    halt();
    reopen(parts.url);
    isReopened = true;
    return true;
  }

  function abort(): void {
    if (phase === 'waiting') return feign();
    if (failure) forgetDone(xhr);
    native.abort(xhr);
  }

  function leave(): void {
    finish();
    timeout.stop();
    leaving.abort();
    if (failure) forgetDone(xhr);
    if (isWithCookies) xhr.withCredentials = false;
  }

  function finish(): void {
    phase = 'done';
    body = undefined;
  }

  function refuseWaiting(): void {
    if (phase !== 'waiting') return;
    throw new DOMException('It is sent already.', 'InvalidStateError');
  }

  function wait(entering: Held | Promise<Held | undefined>, signed?: Promise<Attachment>): void {
    phase = 'waiting';
    const from = now();
    timeout.watch(sentAt);
    void Promise.resolve(entering)
      .then((entered) => dress(entered, signed))
      .then((attachment) => {
        waited += since(from, now());
        if (phase === 'waiting') transmit(attachment);
      })
      .catch(() => {
        if (phase === 'waiting') feign('error');
      });
  }

  async function dress(entered: Held | undefined, signed?: Promise<Attachment>): Promise<Attachment | undefined> {
    held = entered;
    if (entered === undefined) return undefined;
    const attachment = await (signed ?? attach(insides, parts, entered));
    // Somebody may have signed out, or in again, while it was signed.
    const newest = admission.check(entered);
    return newest.record.epoch === entered.record.epoch ? attachment : dress(newest);
  }

  function transmit(attachment: Attachment | undefined): void {
    if (isReopened || isReplay) {
      reopen(insides.base() === base ? url : parts.url);
      for (const given of headers) native.setRequestHeader(xhr, ...given);
    }
    const own = new Headers(headers);
    for (const [name, value] of Object.entries(attachment?.headers ?? {}))
      if (!own.has(name)) native.setRequestHeader(xhr, name, value);
    phase = 'sent';
    if (attachment?.credentials === 'include' && !xhr.withCredentials) xhr.withCredentials = isWithCookies = true;
    native.send(xhr, body);
  }

  function reopen(target: string): void {
    isHidden = true;
    native.open(xhr, method, target, true);
    isHidden = false;
  }

  function replay(refused: Held, said: true | 'again'): void {
    isHidden = true;
    isReplay = true;
    isAgain = said === 'again';
    wasRefused ||= !isAgain;
    native.abort(xhr);
    // Once its listeners have run, Chromium goes on with the answer that it had: not into what is opened anew.
    const task = new Promise((resolve) => setTimeout(resolve)).then(() => phase === 'waiting' && reopen(parts.url));
    const renewing = isAgain
      ? refused
      : admission.renew(refused, 'refusal', { signal: leaving.signal, from: before(now(), waited) });
    wait(Promise.all([renewing, task]).then(([newer]) => newer ?? refused));
  }

  /** The end of a request that waits, by the native object's own events: it is sent, and aborted before anything is fetched. */
  function feign(given?: 'error' | 'timeout'): void {
    phase = 'feigned';
    leaving.abort();
    // Of one whose caller sees everything nothing has been seen: without a comma it fails natively.
    reopen(mayHide || !given ? 'data:,' : 'data:');
    if (mayHide) failure = given;
    native.send(xhr, body);
    if (!mayHide && !given) native.abort(xhr);
    if (failure) keepDone(xhr);
  }

  function expire(): void {
    if (phase === 'waiting') feign('timeout');
    else timeout.force();
  }

  function stop(): void {
    if (phase !== 'feigned') return;
    if (body && !progress.hasBegun()) upload?.dispatchEvent(new ProgressEvent('loadstart'));
    native.abort(xhr);
  }

  function see(event: ProgressEvent): void {
    if (phase === 'opened' || phase === 'done' || !event.isTrusted) return;
    if (mustHide(event)) event.stopImmediatePropagation();
    else if (event.type === 'abort' && failure) {
      event.stopImmediatePropagation();
      event.target?.dispatchEvent(new ProgressEvent(failure, event));
    } else if (event.target === xhr && event.type === 'loadend' && xhr.readyState === XMLHttpRequest.DONE) {
      finish();
    }
  }

  function mustHide(event: ProgressEvent): boolean {
    if (isHidden) return true;
    if (event.target !== xhr) return progress.isKnown(event) && isReplay;
    if (event.type === 'loadstart') {
      const isKnown = hasBegun;
      hasBegun = true;
      if (isKnown) stop();
      return isKnown;
    }
    if (event.type !== 'readystatechange') return false;
    if (xhr.readyState === XMLHttpRequest.DONE) timeout.stop();
    if (held === undefined || xhr.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return false;
    const said = judge(xhr, insides, parts, held);
    const isWanted = said === 'again' ? !isAgain : !wasRefused && admission.mayRenew(held);
    if (said === false || !isWanted || !mayHide) return false;
    replay(held, said);
    return true;
  }
}
