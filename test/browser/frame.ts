/** Other pages of the same origin: frames with modules, globals, connections and policies of their own. */
import { onTestFinished } from 'vitest';

export interface Page<Module> {
  /** The page's globals. */
  readonly window: Window & typeof globalThis;
  /** What the module exports there. */
  readonly module: Module;
  /** Closes the page, as closing a tab does. */
  readonly close: () => void;
}

export interface PageOptions {
  /** A content security policy for it. */
  readonly policy?: string;
  /** Script that runs in it before the module does. */
  readonly before?: string;
}

/** Opens a page that has loaded that module, for the time of the test. */
export async function openPage<Module>(path: string, { policy, before }: PageOptions = {}): Promise<Page<Module>> {
  const frame = document.createElement('iframe');
  const meta = policy === undefined ? '' : `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  const source = JSON.stringify(new URL(path, import.meta.url).href);
  frame.srcdoc = `${meta}<script>addEventListener('pageshow', () => frameElement.dispatchEvent(new Event('shown')))</script>
    <script>${before ?? ''}</script>
    <script type="module">import * as module from ${source}; window.loaded = module;</script>`;
  // Not "load": its first pageshow comes after that, in the middle of what the test does.
  const shown = new Promise((resolve) => frame.addEventListener('shown', resolve, { once: true }));
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  await shown;
  const window = frame.contentWindow as (Window & typeof globalThis) | null;
  const module: unknown = window && Reflect.get(window, 'loaded');
  if (!window || !module) throw new Error(`The page could not load ${path}.`);
  return { window, module: module as Module, close: () => frame.remove() };
}

/** Opens several such pages. */
export function openPages<Module>(count: number, path: string): Promise<Page<Module>[]> {
  return Promise.all(Array.from({ length: count }, () => openPage<Module>(path)));
}
