/** All that a page sees of an XMLHttpRequest while it plays a script. */
import { TYPES, type Log, type Script } from './xhr-scripts.ts';

/** Plays the script once, until nothing more comes of it. */
export async function play(script: Script, base: string, headers: Readonly<Record<string, string>>): Promise<Log> {
  const log: Log = [];
  const xhr = new XMLHttpRequest();
  let ended = 0;
  for (const name of TYPES) {
    Reflect.set(xhr, `on${name}`, function (this: unknown, event: ProgressEvent) {
      log.push(seen(xhr, event, this));
    });
    xhr.addEventListener(name, (event) => {
      if (name === 'loadend') ended += 1;
      log.push(`${event.type} heard`);
    });
    if (script.isQuiet || name === 'readystatechange') continue;
    xhr.upload.addEventListener(name, function (this: unknown, event) {
      log.push([
        'upload',
        name,
        event.loaded,
        event.total,
        event.lengthComputable,
        this === xhr.upload,
        event.isTrusted,
      ]);
    });
  }
  for (const round of script.again ? [1, 2] : [1]) {
    script.before?.(xhr, log);
    xhr.open(script.method ?? 'GET', `${base}?${script.ask}`);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    script.after?.(xhr, log);
    const before = ended;
    try {
      xhr.send(script.body?.());
      script.sent?.(xhr, log);
      await until(() => ended > before);
    } catch (error) {
      log.push(String(error).replace(/: .*/, ''));
    }
    log.push(`end of round ${round}`, await outcome(xhr));
  }
  return log;
}

function seen(xhr: XMLHttpRequest, event: ProgressEvent, self: unknown): unknown {
  const { lengthComputable, loaded, total } = event;
  const kind =
    event instanceof ProgressEvent ? { lengthComputable, loaded, total } : Object.prototype.toString.call(event);
  const { readyState, status } = xhr;
  // Firefox keeps the URL of what was aborted.
  const url = status === 0 ? '' : bare(xhr.responseURL);
  const isNative = event.isTrusted && event.target === xhr && event.currentTarget === xhr && self === xhr;
  return [event.type, kind, readyState, status, url, isNative];
}

async function outcome(xhr: XMLHttpRequest): Promise<unknown> {
  const { readyState, status, statusText, response, responseURL, timeout, withCredentials, responseType } = xhr;
  const headers = xhr.getAllResponseHeaders().replace(/^(date|keep-alive|connection): .*\r\n/gm, '');
  const content = await new Response(
    response instanceof Document ? response.documentElement.outerHTML : contentOf(response),
  ).text();
  return {
    readyState,
    status,
    statusText,
    content: bare(content),
    url: bare(responseURL),
    timeout,
    withCredentials,
    responseType,
    headers,
  };
}

function contentOf(response: unknown): BodyInit | null {
  return typeof response === 'string' || response instanceof Blob || response instanceof ArrayBuffer
    ? response
    : JSON.stringify(response);
}

/** Without what differs from one run to the next. */
function bare(text: string): string {
  const sent = /"body":"([^"]*)"/.exec(text)?.[1];
  return text.replace(sent ?? '-', atob(sent ?? '').replace(/----WebKitFormBoundary\w+/g, 'boundary'));
}

async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 1_000 && !condition(); count += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  // What comes too late, or twice.
  await new Promise((resolve) => setTimeout(resolve, 20));
}
