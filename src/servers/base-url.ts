/** The URL under which a server's endpoints lie, without a slash at its end. */
import type { ServerOptions } from './server-options.ts';

/** Reads it from the option `url`. @throws TypeError that names the option. */
export function readBaseUrl(server: string, { text }: ServerOptions): string {
  const url = text('url');
  if (/[?#]/.test(url)) throw new TypeError(`${server}: url must have neither query nor fragment.`);
  return url.replace(/\/+$/, '');
}
