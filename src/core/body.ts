/** A request's body as it was at the call: WebKit's `Request` only refers to bytes and parameters, and sends what they are later. */

/** What can change is copied; what cannot, what the platform copies itself and what nobody can copy is left alone. */
export function copyOf<Body>(body: Body): Body | URLSearchParams | ArrayBuffer | Uint8Array<ArrayBuffer> {
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  const buffer: unknown = ArrayBuffer.isView(body) ? body.buffer : body;
  // Shared and growing memory is not for requests, which native fetch is to say; of what is empty there is nothing to copy.
  if (!(buffer instanceof ArrayBuffer) || Reflect.get(buffer, 'resizable') || buffer.byteLength === 0) return body;
  if (!ArrayBuffer.isView(body)) return buffer.slice(0);
  return new Uint8Array(buffer, body.byteOffset, body.byteLength).slice();
}
