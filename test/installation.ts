/** A browser on this machine: looked for first, installed only where there is none. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether packages can be installed, and whether Chromium refuses its sandbox. */
export const isRoot = process.getuid?.() === 0;

/** Where to look for a browser, and how to get it. */
export interface Recipe {
  readonly name: string;
  /** The environment variable that names its file. */
  readonly variable: string;
  /** Files that it may be, best first. */
  readonly files: () => readonly string[];
  /** Ways to install it, best first, by name. */
  readonly installers: Readonly<Record<string, () => void>>;
}

/** The files of these names on PATH. */
export function onPath(...names: readonly string[]): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function run(command: string, ...options: readonly string[]): void {
  execFileSync(command, options, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Installs packages of Debian's. */
export function debian(...packages: readonly string[]): () => void {
  return () => {
    if (!isRoot) throw new Error('Only root can install packages.');
    run('apt-get', 'update');
    run('apt-get', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages);
  };
}

/** Installs a browser of Playwright's. */
export function playwrights(browser: string): () => void {
  return () => run('npx', 'playwright', 'install', browser);
}

/** A browser that is, or can be, on this machine. */
export interface Installation {
  /** The file to start, if there is one. */
  readonly find: () => string | undefined;
  /** The file to start. The first to ask waits for the installation, if one is needed; it says so. */
  readonly path: () => string;
}

/** Makes the questions for the browser's file. */
export function createInstallation({ files, installers, name, variable }: Recipe): Installation {
  let found: string | undefined;

  const find = (): string | undefined => {
    const named = process.env[variable];
    if (named === undefined) return files().find(existsSync);
    if (existsSync(named)) return named;
    throw new Error(`${variable} names ${named}, and there is no such file.`);
  };

  const install = (): string => {
    for (const [source, installer] of Object.entries(installers)) {
      console.warn(`No ${name} found: installing ${source}.`);
      try {
        installer();
      } catch (error) {
        console.warn(`Installing ${source} failed: ${String(error)}`);
      }
      const path = find();
      if (path !== undefined) return path;
    }
    throw new Error(`No ${name} found, and none could be installed. Install one, or name its file in ${variable}.`);
  };

  return { find, path: () => (found ??= find() ?? install()) };
}
