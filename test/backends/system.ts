/** One of these servers: what it is asked, and what it answers. */

/** A request, as far as these servers look at it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: string;
}

/** `status` 0: the connection breaks instead. */
export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
  readonly cookies?: readonly string[];
  /** Milliseconds that the answer takes on its way back. */
  readonly after?: number;
}

export type System = (call: Call) => Answer | Promise<Answer>;

export const json = (status: number, value: unknown, cookies: readonly string[] = []): Answer => ({
  status,
  body: JSON.stringify(value),
  cookies,
});

/** The cookies of a request. */
export function readCookies(header = ''): ReadonlyMap<string, string> {
  const pairs = header.split('; ').map((pair) => pair.split('=', 2));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}
