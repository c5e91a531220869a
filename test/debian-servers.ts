/** The real servers that some tests drive: FastAPI and Redis, as Debian packages them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { debian, onPath } from './installation.ts';

/** Debian's own: the packages are nobody else's. */
export const python = '/usr/bin/python3';

/** What each package brings: a program, or a module of Python's. */
const PROGRAMS: Readonly<Record<string, string>> = { 'redis-server': 'redis-server' };
const MODULES: Readonly<Record<string, string>> = {
  'python3-fastapi': 'fastapi',
  'python3-jwt': 'jwt',
  'python3-multipart': 'multipart',
  'python3-redis': 'redis',
  uvicorn: 'uvicorn',
};

/** The packages that are not here. */
function missing(): readonly string[] {
  const programs = Object.keys(PROGRAMS).filter((name) => !onPath(PROGRAMS[name] ?? '').some(existsSync));
  return [...programs, ...Object.keys(MODULES).filter((name) => !hasModule(MODULES[name] ?? ''))];
}

function hasModule(name: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why they cannot be started here, by the names of what is missing. */
export function absence(): string | undefined {
  const names = missing();
  return names.length === 0 ? undefined : `Debian's ${names.join(', ')} missing`;
}

/** Run by vitest before the tests of a project, so that no test waits for the installation. What cannot be had is skipped. */
export const setup = (): void => {
  const names = missing();
  if (names.length === 0) return;
  console.warn(`Not here: ${names.join(', ')}. Installing Debian's packages.`);
  try {
    debian(...names)();
  } catch (error) {
    console.warn(`Installing them failed: ${String(error)}`);
  }
};
