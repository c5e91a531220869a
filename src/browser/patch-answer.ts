/** What an XMLHttpRequest has received so far, as the response that a token server judges: without its body. */
export function answerOf(xhr: XMLHttpRequest): Response {
  const { responseURL, status, statusText } = xhr;
  const lines = xhr.getAllResponseHeaders().split('\r\n').filter(Boolean);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  const response = new Response(null, { headers, status, statusText });
  return Object.defineProperty(response, 'url', { value: responseURL });
}
