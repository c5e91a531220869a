/** Lets one page hold two Reacts: a module imported with `?react=18`, and React DOM 18, get React 18, all others the newest. */
import type { Plugin } from 'vite';

export function olderReact(): Plugin {
  return {
    name: 'holdfast-test-older-react',
    enforce: 'pre',
    resolveId(id, importer = '') {
      const isOlder = importer.endsWith('?react=18') || importer.includes('/node_modules/react-dom-18/');
      return id === 'react' && isOlder ? this.resolve('react-18', importer) : undefined;
    },
  };
}
