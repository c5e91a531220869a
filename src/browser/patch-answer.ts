/**
 * What an XMLHttpRequest has received so far, as the response that a token server judges: without its body, and with
 * headers that are asked for by name. WebKit answers `getAllResponseHeaders` out of the first answer for ever.
 */
export function answerOf(xhr: XMLHttpRequest): Response {
  const { responseURL, status, statusText } = xhr;
  const response = new Response(null, { status, statusText });
  const get = (name: string) => xhr.getResponseHeader(name);
  Object.assign(response.headers, { get, has: (name: string) => get(name) !== null });
  return Object.defineProperty(response, 'url', { value: responseURL });
}
