/** Answers whose bodies are waited for while they are read. */
import { isPage, reads } from './settle.ts';

/**
 * The same answer. A page's own bodies are read on other threads (Firefox, WebKit) and come in whatever turn they like:
 * here they come through a stream that `settle` knows of.
 */
export function watchBody(response: Response): Response {
  const reader = isPage ? response.body?.getReader() : undefined;
  if (reader === undefined) return response;
  const body = new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await reads(reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
