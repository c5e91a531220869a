/** The way from a real browser to a fake server: a request that Playwright has caught, and its answer. */

/** As much of Playwright's `Request` as is needed. */
export interface BrowserRequest {
  /** In full. */
  readonly url: () => string;
  /** In capitals. */
  readonly method: () => string;
  /** By their names in lower case. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Its body as text; `null` where it has none. */
  readonly postData: () => string | null;
}

/** As much of Playwright's `Route` as is needed. */
export interface BrowserRoute {
  /** What was caught. */
  readonly request: () => BrowserRequest;
  /** Answers it. */
  readonly fulfill: (answer: { status: number; headers: Record<string, string>; body: string }) => Promise<void>;
  /** Breaks its connection. */
  readonly abort: () => Promise<void>;
}

/** Has it answered. A server that is down breaks the connection; a mistake of the test's own does too, and is thrown. */
export async function answerRoute(
  route: BrowserRoute,
  answer: (request: Request) => Promise<Response>,
  isMistake: (error: unknown) => boolean,
): Promise<void> {
  const asked = route.request();
  const parts = { method: asked.method(), headers: { ...asked.headers() }, body: asked.postData() };
  try {
    const response = await answer(new Request(asked.url(), parts));
    const { headers, status } = response;
    return await route.fulfill({ status, headers: Object.fromEntries(headers), body: await response.text() });
  } catch (error) {
    await route.abort();
    if (isMistake(error)) throw error;
  }
}
