/** What pages do with an XMLHttpRequest. */

/** Written down as it happened. */
export type Log = unknown[];

export interface Script {
  readonly method?: string;
  /** Query of the backend: what it answers. */
  readonly ask: string;
  readonly far?: boolean;
  readonly body?: () => Document | XMLHttpRequestBodyInit | null;
  /** What the page does besides, before `open` and after it. */
  readonly before?: (xhr: XMLHttpRequest, log: Log) => void;
  readonly after?: (xhr: XMLHttpRequest, log: Log) => void;
  /** After `send`. */
  readonly sent?: (xhr: XMLHttpRequest, log: Log) => void;
  /** Without listeners to the upload. */
  readonly isQuiet?: boolean;
  /** Where it is not the same, for the reason given beside it. */
  readonly oddIn?: 'firefox' | 'webkit' | 'waiting';
  /** Once more with the same object, when it has ended. */
  readonly again?: boolean;
}

export const TYPES = [
  'readystatechange',
  'loadstart',
  'progress',
  'load',
  'loadend',
  'error',
  'abort',
  'timeout',
] as const;

/** What throws is noted. */
function attempt(log: Log, task: () => unknown): void {
  try {
    log.push(task());
  } catch (error) {
    log.push(error instanceof Error ? error.name : error);
  }
}

/** A method, called as no type would allow. */
function call(
  method: 'open' | 'send' | 'abort' | 'setRequestHeader',
  self: unknown,
  given: readonly unknown[],
): unknown {
  return Reflect.apply(Reflect.get(XMLHttpRequest.prototype, method) as () => void, self, given);
}

function type(responseType: XMLHttpRequestResponseType) {
  return (xhr: XMLHttpRequest) => void (xhr.responseType = responseType);
}

function abortAt(event: (typeof TYPES)[number], state: number) {
  return (xhr: XMLHttpRequest) =>
    xhr.addEventListener(event, () => {
      if (xhr.readyState === state) xhr.abort();
    });
}

function form(): FormData {
  const form = new FormData();
  form.append('field', 'žluť');
  form.append('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
  return form;
}

export const scripts: Readonly<Record<string, Script>> = {
  'a text': { ask: 'answer=text' },
  'a JSON answer': { ask: '', before: type('json') },
  'bytes as a buffer': { ask: 'answer=text', after: type('arraybuffer') },
  'bytes as a blob': { ask: 'answer=text', before: type('blob') },
  'a document': { ask: 'answer=text', before: type('document') },
  'another MIME type': { ask: 'answer=text', before: (xhr) => xhr.overrideMimeType('text/plain; charset=latin1') },
  'an empty answer': { ask: 'answer=empty&status=204' },
  HEAD: { ask: 'answer=empty', method: 'HEAD' },
  'a method in lower case': { ask: '', method: 'post' },
  'a page that is missing': { ask: 'status=404' },
  'a server that fails': { ask: 'status=500' },
  'a permission that is missing': { ask: 'status=403' },
  'a redirect': { ask: `answer=empty&status=302&location=${encodeURIComponent('/backend/api/target')}` },
  'headers of its own': {
    ask: '',
    after: (xhr) => {
      xhr.setRequestHeader('X-Own', 'one');
      xhr.setRequestHeader('x-own', 'two');
    },
  },
  'a string': { ask: '', method: 'POST', body: () => 'žluť' },
  'a string without listeners': { ask: '', method: 'POST', body: () => 'žluť', isQuiet: true },
  'a long string': { ask: 'answer=empty', method: 'POST', body: () => 'x'.repeat(20_000) },
  // Firefox draws boundaries of different lengths.
  'a form': { ask: '', method: 'POST', body: form, oddIn: 'firefox' },
  parameters: { ask: '', method: 'PUT', body: () => new URLSearchParams({ a: '1', b: 'ž' }) },
  'a blob': { ask: '', method: 'PUT', body: () => new Blob(['blob'], { type: 'image/png' }) },
  'a buffer': { ask: '', method: 'PATCH', body: () => new Uint8Array([1, 2, 3]).buffer },
  'a part of a buffer': { ask: '', method: 'PATCH', body: () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3) },
  'a page as body': {
    ask: '',
    method: 'POST',
    body: () => new DOMParser().parseFromString('<p>ž</p>', 'text/html'),
  },
  'an XML body': { ask: '', method: 'POST', body: () => new DOMParser().parseFromString('<p>ž</p>', 'text/xml') },
  'an empty string': { ask: '', method: 'POST', body: () => '' },
  'a body with GET': { ask: '', body: () => 'none' },
  'another origin': { ask: '', far: true, method: 'POST', body: () => 'x' },
  'another origin with credentials': {
    ask: 'answer=text',
    far: true,
    before: (xhr) => void (xhr.withCredentials = true),
  },
  // Firefox says that an upload has ended when the answer begins: here, when it is refused.
  'a connection that breaks': { ask: 'answer=gone', method: 'POST', body: () => 'x', oddIn: 'firefox' },
  'an answer that breaks': { ask: 'answer=cut' },
  'a time that is over': { ask: 'answer=hang', before: (xhr) => void (xhr.timeout = 150) },
  'a time that is over with a body': {
    ask: 'answer=hang',
    oddIn: 'firefox',
    method: 'POST',
    body: () => 'x',
    // A time that runs from the call may be over before the upload is, where the machine has other work.
    before: (xhr) => {
      xhr.timeout = 60_000;
      xhr.upload.addEventListener('load', () => setTimeout(() => (xhr.timeout = 1), 150), { once: true });
    },
  },
  'a time that is long enough': { ask: 'answer=text', before: (xhr) => void (xhr.timeout = 5_000) },
  'an abort after send': { ask: 'answer=hang', sent: (xhr) => xhr.abort() },
  // That its upload begins, a request that waits says itself.
  'an abort of a body after send': {
    oddIn: 'waiting',
    ask: 'answer=hang',
    method: 'POST',
    body: () => 'x',
    sent: (xhr) => xhr.abort(),
  },
  'an abort at the start': { ask: '', before: abortAt('loadstart', 1) },
  'an abort at the headers': { ask: 'answer=text', before: abortAt('readystatechange', 2) },
  'an abort while it loads': { ask: 'answer=endless', before: abortAt('readystatechange', 3) },
  'an abort at the end': { ask: 'answer=text', before: abortAt('load', 4) },
  // What is sent after it, Firefox aborts with its answer.
  'an abort before send': { ask: '', after: (xhr) => xhr.abort(), oddIn: 'firefox' },
  // With an object that is used again, WebKit tells of progress sooner or later.
  'the same object twice': { ask: 'answer=text', again: true, oddIn: 'webkit' },
  'the same object with a body twice': { ask: '', method: 'POST', body: () => 'x', again: true, oddIn: 'webkit' },
  'opened anew after send': {
    ask: 'answer=text',
    sent: (xhr) => {
      xhr.open('PUT', `${location.origin}/backend/api/?answer=echo`);
      xhr.send('second');
    },
  },
  'what is refused after send': {
    ask: '',
    sent: (xhr, log) => {
      attempt(log, () => xhr.send());
      attempt(log, () => xhr.setRequestHeader('x-late', '1'));
      attempt(log, () => xhr.readyState);
      attempt(log, () => xhr.status);
    },
  },
  'what is refused before send': {
    ask: '',
    before: (xhr, log) => {
      attempt(log, () => xhr.send());
      attempt(log, () => xhr.abort());
      attempt(log, () => xhr.setRequestHeader('x-early', '1'));
      attempt(log, () => xhr.open('TRACE', '/'));
      attempt(log, () => xhr.open('GET', 'http://:'));
      attempt(log, () => call('open', xhr, ['GET']));
      attempt(log, () => call('open', xhr, []));
      attempt(log, () => call('open', {}, ['GET', '/']));
      attempt(log, () => call('open', xhr, ['GET', Symbol('x')]));
      attempt(log, () => call('send', {}, []));
      attempt(log, () => call('abort', undefined, []));
    },
    after: (xhr, log) => {
      attempt(log, () => call('setRequestHeader', xhr, ['x']));
      attempt(log, () => xhr.setRequestHeader('x y', '1'));
      attempt(log, () => xhr.setRequestHeader('x', '\n1\u0000'));
      attempt(log, () => xhr.setRequestHeader('cookie', 'forbidden'));
      attempt(log, () => call('setRequestHeader', xhr, ['x-number', 1]));
    },
  },
  'a listener that is first': {
    ask: 'answer=text',
    before: (xhr, log) => {
      for (const name of TYPES) xhr.addEventListener(name, () => log.push(`first ${name} ${xhr.readyState}`), true);
    },
  },
};
