/** A request's body as it was at the call: WebKit's `Request` only refers to bytes and parameters, and sends what they are later. */

/** What can change is copied; what cannot, what the platform copies itself and what nobody can copy is left alone. */
export function copyOf<Body>(body: Body): Body | URLSearchParams | ArrayBuffer | Uint8Array<ArrayBuffer> {
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (body instanceof ArrayBuffer) return body.slice(0);
  // Shared memory is not for requests: that is for native fetch to say.
  if (!ArrayBuffer.isView(body) || !(body.buffer instanceof ArrayBuffer)) return body;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
}
