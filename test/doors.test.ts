import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const doors = Object.entries(manifest.exports).filter(([door]) => door !== './package.json');

/** What a server does: imports it, and no more. Says what that has changed, once nothing goes on any more. */
const script = `
  // The app's own, and not without effects.
  await import('vue');
  await import('react');
  const before = new Set(Reflect.ownKeys(globalThis));
  const fetch = globalThis.fetch;
  await import(process.argv[1]);
  process.once('beforeExit', () => {
    const names = Reflect.ownKeys(globalThis).filter((name) => !before.has(name)).map(String);
    console.log(JSON.stringify({ names, handles: process.getActiveResourcesInfo(), isPatched: fetch !== globalThis.fetch }));
  });
`;

/** Left behind by @babel/runtime, which broadcast-channel's build for Node stands on. */
const NOT_OURS = ['regeneratorRuntime'];

test.for(doors)('on a server %s is imported without any effect', async ([, file]) => {
  const path = new URL(`../${file}`, import.meta.url);
  expect(existsSync(path), 'run `npm run build` first').toBe(true);
  const { stderr, stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script, path.href],
    { timeout: 20_000 },
  );
  const { names, ...rest } = JSON.parse(stdout) as { readonly names: readonly string[] };
  expect(rest).toEqual({ handles: [], isPatched: false });
  expect(names.filter((name) => !NOT_OURS.includes(name))).toEqual([]);
  expect(stderr).toBe('');
});

test('a bundler of server components takes holdfast/react for a part of the client', () => {
  expect(readFileSync(new URL('../dist/bindings/react.js', import.meta.url), 'utf8')).toMatch(/^"use client";\n/);
});
