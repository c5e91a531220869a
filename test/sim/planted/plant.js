/** Plants one fault: bundles the simulation over a copy of the core with that one line broken. The files stay as they are. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundle } from '../crew.js';

/** How often the text of the fault stands in its file. */
export function occurrences({ file, find }) {
  return readFileSync(`src/core/${file}`, 'utf8').split(find).length - 1;
}

/** Returns the bundle's URL. */
export function plant({ file, find, replace }, output) {
  const path = resolve('src/core', file);
  const breakage = {
    name: 'planted-fault',
    enforce: 'pre',
    transform: (code, id) => (id === path ? code.replace(find, () => replace) : undefined),
  };
  return bundle({ output, plugins: [breakage] });
}
