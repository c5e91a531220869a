/** New apps, as Vite's own templates make them, with the packed package and the README's code and nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { beforeAll, inject, test } from 'vitest';
import { args, executablePath } from '../chromium.ts';
import { filesUnder } from '../readme/blocks.ts';
import { serveApp } from './app-server.ts';
import { freshFolder, INSTALL } from './fresh-folder.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: executablePath(), args: [...args] });
  return () => browser.close();
});

const APPS = [
  ['React', 'react-ts'],
  ['Vue', 'vue-ts'],
] as const;

test.concurrent.for(APPS)(
  'a new %s app that follows the README builds, keeps its session, and signs out in every tab',
  async ([name, template], { expect, onTestFinished }) => {
    const folder = freshFolder();
    onTestFinished(folder.remove);
    const createVite = createRequire(import.meta.url).resolve('create-vite');
    await folder.node(createVite, 'app', '--template', template, '--no-interactive');
    await folder.npm([...INSTALL, inject('packed').tarball], 'app');
    for (const [file, code] of Object.entries({ ...filesUnder('Start'), ...filesUnder(name) })) {
      const target = join(folder.path, 'app', file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, code);
    }
    await folder.npm(['run', 'build', '--silent'], 'app');

    const app = await serveApp(join(folder.path, 'app', 'dist'));
    onTestFinished(app.close);
    const { server, url } = app;
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => void complaints.push(String(error)));
    page.on('console', (line) => void (line.type() === 'error' && complaints.push(line.text())));
    await page.goto(url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Two apples').waitFor();
    await expect.poll(() => server.rotations(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    // In the midst of a rotation that has not come to the server: one whose answer is cut off would end the session.
    const stall = app.stall();
    await expect.poll(stall.waiting, { timeout: 20_000 }).toBe(1);
    await page.reload();
    await expect.poll(stall.abandoned).toBe(1);
    stall.release();
    await page.getByText('Two apples').waitFor();
    const other = await context.newPage();
    await other.goto(url);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out: signed-out.').waitFor();
    expect(server.calls.map(({ status }) => status)).toEqual(Array(server.calls.length).fill(200));
    expect(server.reuses()).toBe(0);
    expect(complaints).toEqual([]);
  },
);
