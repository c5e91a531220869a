/** The package, packed once as it would be published, for all tests of it. */
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freshFolder, run } from './fresh-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly packed: { readonly tarball: string; readonly files: readonly string[] };
  }
}

/** Vitest calls it before the tests, and what it returns after them. */
export async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = freshFolder();
  const printed = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder.path], resolve('.'));
  // The build may have printed something before.
  const told: unknown = JSON.parse(printed.slice(printed.search(/^[[{]/m)));
  const [{ filename, files }] = Object.values(told as object) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  provide('packed', { tarball: `${folder.path}/${filename}`, files: files.map(({ path }) => path) });
  return folder.remove;
}
