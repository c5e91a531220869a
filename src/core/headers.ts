/** The caller's headers, fixed at the call and dressed with ours. A plain object stays one: to build `Headers` costs more than all the rest. */

export type FixedHeaders = Headers | Readonly<Record<string, string>>;

/** A copy that later changes to the original do not reach. */
export function fixHeaders(own: HeadersInit): FixedHeaders {
  return own instanceof Headers || Symbol.iterator in own ? new Headers(own) : { ...own };
}

/** Whether there is one of that name, which must be in lower case. */
export function hasHeader(headers: FixedHeaders, name: string): boolean {
  return headers instanceof Headers
    ? headers.has(name)
    : Object.keys(headers).some((key) => key.toLowerCase() === name);
}

/** Both together; of two of the same name ours. */
export function dressHeaders(headers: FixedHeaders | undefined, ours: Readonly<Record<string, string>>): HeadersInit {
  if (headers === undefined) return ours;
  const names = Object.keys(ours);
  if (headers instanceof Headers || names.some((name) => hasHeader(headers, name.toLowerCase()))) {
    const dressed = new Headers(headers);
    for (const name of names) dressed.set(name, ours[name] ?? '');
    return dressed;
  }
  return { ...headers, ...ours };
}
