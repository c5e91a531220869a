/** The Chromium that tests drive: looked for on this machine, installed only where there is none. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const isRoot = process.getuid?.() === 0;

/** What Chromium is started with. It refuses to run as root inside its sandbox. */
export const args: readonly string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const onPath = (name: string): readonly string[] =>
  (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));

const find = (): string | undefined => {
  const named = process.env['HOLDFAST_CHROMIUM'];
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`HOLDFAST_CHROMIUM names ${named}, and there is no such file.`);
  }
  return [
    chromium.executablePath(),
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap(onPath),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find(existsSync);
};

const run = (command: string, ...options: readonly string[]): void => {
  execFileSync(command, options, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
};

const installers: Readonly<Record<string, () => void>> = {
  "Debian's package": () => {
    if (!isRoot) throw new Error('Only root can install packages.');
    run('apt-get', 'update');
    run('apt-get', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'chromium');
  },
  "Playwright's": () => {
    run('npx', 'playwright', 'install', 'chromium');
  },
};

const install = (): string => {
  for (const [name, installer] of Object.entries(installers)) {
    console.warn(`No Chromium found: installing ${name}.`);
    try {
      installer();
    } catch (error) {
      console.warn(`Installing ${name} failed: ${String(error)}`);
    }
    const path = find();
    if (path !== undefined) return path;
  }
  throw new Error(
    'No Chromium found, and none could be installed. Install one, or name its file in HOLDFAST_CHROMIUM.',
  );
};

let found: string | undefined;

/** The file to start. Installs a browser when none is found, and says so. */
export const executablePath = (): string => (found ??= find() ?? install());

/** Run by vitest before the tests of a project, so that no test waits for the installation. */
export const setup = (): void => void executablePath();
