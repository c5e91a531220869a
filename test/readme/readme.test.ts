/** The README's code blocks compile as they stand there, and those that need no page run. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TokenServer } from 'holdfast';
import { checkTokenServer, createWorld } from 'holdfast/testing';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { readBlocks } from './blocks.ts';
import { READER } from './reader.ts';

const FOLDER = '.cache/readme';

/** A file for each block, in a folder for each heading: files of one app find each other. */
function writeBlocks(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'reader.d.ts'), READER);
  for (const { code, file, heading, language, line } of readBlocks()) {
    if (!/^tsx?$/.test(language)) continue;
    const target = join(FOLDER, file === undefined ? `line-${line}.${language}` : `${heading}/${file}`);
    mkdirSync(dirname(target), { recursive: true });
    // All but whole files stand where the reader has other code around them: what they define can be had.
    const names = [...code.matchAll(/^const (\w+)/gm)].map(([, name]) => name);
    writeFileSync(target, file === undefined ? `${code}export { ${names.join()} };\n` : code);
  }
}

beforeAll(writeBlocks);

/** Runs the block under that heading in which these words stand, with what its reader has. Gives what it defines. */
async function run(
  heading: string,
  words: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const block = readBlocks().find((each) => each.heading === heading && each.code.includes(words));
  for (const [name, value] of Object.entries(given)) vi.stubGlobal(name, value);
  onTestFinished(() => void vi.unstubAllGlobals());
  return import(resolve(FOLDER, `line-${block?.line}.ts`));
}

test('every block of TypeScript in the README compiles', async () => {
  const own = JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      jsx: 'react-jsx',
      noUnusedLocals: false,
      skipLibCheck: true,
      rootDirs: ['.', 'Start', 'React', 'Vue'],
    },
    include: ['.'],
  });
  writeFileSync(join(FOLDER, 'tsconfig.json'), own);
  const tsc = [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', FOLDER];
  const output = await promisify(execFile)(process.execPath, tsc).then(
    ({ stdout }) => stdout,
    (failure: { readonly stdout: string }) => failure.stdout,
  );
  expect(output).toBe('');
}, 60_000);

test('the three calls of the start sign in, fetch, and sign out', async () => {
  const world = createWorld();
  const session = world.openTab();
  await run('Start', 'session.end()', { session, tokenResponse: world.server.login() });
  expect(world.server.calls.map(({ status }) => status)).toEqual([200]);
  expect(session.state).toEqual({ status: 'ended', reason: 'signed-out' });
});

test('an app’s test says in a line each what happens to a session', () => run('Testing your app', 'createWorld'));

test('whoever moves from a wrapper stays signed in', async () => {
  const world = createWorld();
  const session = world.openTab();
  const old = new Map([['refresh_token', world.server.login()['refresh_token']]]);
  await run('Coming from', 'navigator.locks', {
    session,
    localStorage: { getItem: (name: string) => old.get(name) ?? null, removeItem: (name: string) => old.delete(name) },
    navigator: { locks: { request: (_: string, task: () => unknown) => task() } },
  });
  expect((await session.fetch('/api/orders')).status).toBe(200);
  expect([world.server.rotations(), [...old]]).toEqual([1, []]);
});

test('the token server of one’s own is one', async () => {
  const { server } = await run('Works with', 'const server: TokenServer');
  let count = 0;
  const login = () => {
    count += 1;
    return { token: `access-token-${count}`, refresh: `refresh-token-${count}`, seconds: 300 };
  };
  const rejection = () => new Response(null, { status: 401 });
  const answer = () => Response.json(login());
  expect(await checkTokenServer(server as TokenServer, { login, answer, rejection })).toEqual([]);
});
