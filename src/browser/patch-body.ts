/** A body that may be sent later, or a second time, as it was at the call. */
import { copyOf } from '../core/body.ts';

export type Body = Document | XMLHttpRequestBodyInit | null | undefined;

/** What is sent as the string that it gives, here or in another realm. */
const GIVES_A_STRING = / (Array|Date|Object|URL)]$/;

/** What can change is copied, as native `send` does: so that a body lies in memory once more until it is answered. */
export function copyBody(body: Body): Body {
  if (body instanceof Document) return body.cloneNode(true) as Document;
  if (GIVES_A_STRING.test(Object.prototype.toString.call(body))) return ''.concat(body as unknown as string);
  if (!(body instanceof FormData)) return copyOf(body);
  const copy = new FormData();
  for (const [name, value] of body) copy.append(name, value as string); // A file keeps its name.
  return copy;
}
