/** What an XMLHttpRequest has received so far, and what the token server makes of it. */
import type { FetchOptions } from '../core/fetch.ts';
import type { Held } from '../core/held.ts';
import type { RequestParts } from '../core/types.ts';

/** Takes over tokens that came with the answer. Whether it says that the access token is not valid, or to send once more. */
export function judge(
  xhr: XMLHttpRequest,
  { onPushed, scope, server }: FetchOptions,
  parts: RequestParts,
  carried: Held,
): boolean | 'again' {
  // Of a status beyond these no Response can be made. What a redirect led away is nothing to the session.
  if (xhr.status < 200 || xhr.status > 599 || !scope(xhr.responseURL)) return false;
  const response = answerOf(xhr);
  const pushed = server.adopt?.(response, carried.tokens);
  if (pushed !== undefined) void onPushed(carried, pushed);
  const said = server.isRefusal({ request: parts, response });
  return said instanceof Promise ? false : said;
}

/**
 * As the response that is judged: without its body, and with headers that are asked for by name. WebKit answers
 * `getAllResponseHeaders` out of the first answer for ever.
 */
function answerOf(xhr: XMLHttpRequest): Response {
  const { responseURL, status, statusText } = xhr;
  const response = new Response(null, { status, statusText });
  const get = (name: string) => xhr.getResponseHeader(name);
  Object.assign(response.headers, { get, has: (name: string) => get(name) !== null });
  return Object.defineProperty(response, 'url', { value: responseURL });
}
