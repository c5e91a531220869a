/** What is published. */
import { expect, inject, test } from 'vitest';

test('the package holds what its users need, and nothing else', () => {
  const kinds = inject('packed').files.map((file) =>
    file.replace(/^(dist|src)\/.*?(\.d\.ts|\.js)?(\.map|\.ts)?$/, '$1/*$2$3'),
  );
  expect([...new Set(kinds)].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/*.d.ts',
    'dist/*.d.ts.map',
    'dist/*.js',
    'dist/*.js.map',
    'package.json',
    'src/*.ts',
  ]);
});
