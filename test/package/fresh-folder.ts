/** A folder far from this repository, where nothing is found but what is installed there. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder for one test. */
export interface FreshFolder {
  readonly path: string;
  /** Runs npm in it, or in a folder below. What it printed stands in its error, if it fails. */
  readonly npm: (parameters: readonly string[], below?: string) => Promise<void>;
  /** Runs a file of JavaScript in it, and gives what it printed. */
  readonly node: (file: string, ...parameters: readonly string[]) => Promise<string>;
  readonly remove: () => void;
}

export const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

export async function run(command: string, parameters: readonly string[], folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, parameters, { cwd: folder, maxBuffer: 10_000_000 });
    return stdout;
  } catch (error) {
    const { stderr, stdout } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error([command, ...parameters, 'failed:', stdout, stderr].join(' '), { cause: error });
  }
}

export function freshFolder(): FreshFolder {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-'));
  return {
    path,
    npm: async (parameters, below = '.') => void (await run('npm', parameters, join(path, below))),
    node: (file, ...parameters) => run(process.execPath, [file, ...parameters], path),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
