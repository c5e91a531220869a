/**
 * The caller's headers, fixed at the call and dressed with ours. What is no `Headers` stays none: to build them costs
 * more than all the rest, and they would write every name in lower case.
 */

type Pairs = [name: string, value: string][];

export type FixedHeaders = Headers | Pairs | Readonly<Record<string, string>>;

/** A copy that later changes to the original do not reach. */
export function fixHeaders(own: HeadersInit): FixedHeaders {
  if (own instanceof Headers) return new Headers(own);
  // What only looks like a pair, as a string does, is for native fetch to refuse.
  const copy = (pair: unknown) => (pair instanceof Object ? Array.from(pair as Pairs[0], text) : pair);
  return Symbol.iterator in own ? (Array.from(own, copy) as Pairs) : { ...own };
}

/** Whether there is one of that name, which must be in lower case. */
export function hasHeader(headers: FixedHeaders, name: string): boolean {
  if (headers instanceof Headers) return headers.has(name);
  const names = Array.isArray(headers) ? headers.map(([key]) => key) : Object.keys(headers);
  return names.some((key) => key.toLowerCase() === name);
}

/** Both together; of two of the same name the caller's: one with a token of its own never comes here. */
export function dressHeaders(headers: FixedHeaders | undefined, ours: Readonly<Record<string, string>>): HeadersInit {
  if (headers === undefined) return ours;
  const names = Object.keys(ours);
  if (headers instanceof Headers || names.some((name) => hasHeader(headers, name.toLowerCase()))) {
    const dressed = new Headers(headers);
    for (const name of names) if (!dressed.has(name)) dressed.set(name, ours[name] ?? '');
    return dressed;
  }
  return Array.isArray(headers) ? [...headers, ...Object.entries(ours)] : { ...headers, ...ours };
}

/** As natively: of a symbol there is none. */
function text(value: unknown): string {
  return ''.concat(value as string);
}
