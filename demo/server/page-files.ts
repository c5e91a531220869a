/** The files of a page, built by Vite in memory. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';

/** One file, as it is served. */
export interface PageFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** The files by their paths, each with a leading slash. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const DOORS = fileURLToPath(new URL('../../src/', import.meta.url));
const doors = [
  { find: /^holdfast$/, replacement: `${DOORS}index.ts` },
  { find: /^holdfast\/(.*)$/, replacement: `${DOORS}$1.ts` },
];

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  map: 'application/json',
};

const pages = new Map<string, Promise<PageFiles>>();

/**
 * Builds the page whose `index.html` is in the folder, to be served below the path `base`, which ends with a slash.
 * Once in a process: nothing in it depends on where the servers are.
 */
export function buildPage(root: string, base = '/'): Promise<PageFiles> {
  const built = pages.get(root) ?? buildOnce(root, base);
  pages.set(root, built);
  return built;
}

async function buildOnce(root: string, base: string): Promise<PageFiles> {
  const result = await build({
    configFile: false,
    root,
    base,
    logLevel: 'error',
    plugins: [react(), vue()],
    resolve: { alias: doors },
    build: { write: false, minify: false, sourcemap: true, target: 'es2022', modulePreload: { polyfill: false } },
  });
  const files = new Map<string, PageFile>();
  for (const { output } of [result].flat().filter((part) => 'output' in part)) {
    for (const file of output) {
      const type = TYPES[file.fileName.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      files.set(`${base}${file.fileName}`, { type, content: file.type === 'chunk' ? file.code : file.source });
    }
  }
  return files;
}
