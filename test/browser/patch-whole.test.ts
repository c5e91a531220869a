/** A patch is laid whole or not at all, and by one copy of the library. */
import { expect, test } from 'vitest';
import type { layFor as Lay } from '../../src/browser/patch-owners.ts';
import { replaceProperties } from '../../src/browser/patch-properties.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import { stage } from './patched-page.ts';

test('where one property cannot be replaced, none is', () => {
  const target = Object.defineProperty({ first: 1 }, 'second', { value: 2 });
  expect(() => replaceProperties(target, { first: 3, second: 4 })).toThrow(TypeError);
  expect(target.first).toBe(1);
});

test('a second copy of the library does not lay it, until the first has taken it up', async () => {
  const source = '../../src/browser/patch-owners.ts?second';
  const { layFor } = (await import(/* @vite-ignore */ source)) as { readonly layFor: typeof Lay };
  const { session, undo } = await stage('good');
  const lay = () => ({ undo: () => {} });
  expect(() => layFor(session, 'XMLHttpRequest', lay)).toThrow(TypeError);
  undo();
  const theirs = layFor(session, 'XMLHttpRequest', lay);
  expect(() => patchXMLHttpRequest(session)).toThrow(TypeError);
  theirs();
});
