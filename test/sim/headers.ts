/** A request's headers, read without building `Headers` where the core sent a plain object: that costs more than all else on the way. */

/** Whatever is no plain object of names in lower case is left to the platform. */
export function readHeaders(headers: HeadersInit = {}): Pick<Headers, 'get'> {
  const isPlain = !(headers instanceof Headers) && Object.keys(headers).every((name) => /^[a-z-]+$/.test(name));
  if (!isPlain) return new Headers(headers);
  return { get: (name) => (Object.hasOwn(headers, name) ? String(Reflect.get(headers, name)) : null) };
}
