/** A real FastAPI application with a real Redis, both started for one stage and reached through sockets of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { python } from '../debian-servers.ts';
import type { Ledger, OpenBackend } from './backend.ts';
import { forward } from './forward.ts';
import { bearerOf, type Question } from './stand.ts';

/** What it speaks: see its own words. */
export type Form = 'json' | 'romm' | 'romm-500';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Milliseconds between two looks whether it has started, and how many there are. */
const LOOK = 100;
const LOOKS = 300;

/** Starts both. What the application answers goes to the page as it came, its CORS headers included. */
export const ofTokenService =
  (form: Form): OpenBackend =>
  async (life) => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
    const [REDIS, socketPath] = [join(folder, 'redis'), join(folder, 'http')];
    const environment = { ...process.env, FORM: form, LIFE: String(life), REDIS };
    const options = ['--port', '0', '--unixsocket', REDIS, '--save', '', '--dir', folder];
    const children = [
      start('redis-server', options, process.env),
      start(python, ['-m', 'uvicorn', 'token_service:app', '--uds', socketPath, '--log-level', 'warning'], environment),
    ];
    const close = async (): Promise<void> => {
      await Promise.all(children.map(stop));
      await rm(folder, { recursive: true, force: true });
    };
    const ledger = { rotations: 0, reuses: 0, logouts: 0, refused: [] as number[] };
    const isRotation = ({ path }: Question): boolean => path === '/token/refresh' || path === '/api/token';
    try {
      await untilStarted(socketPath, children);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      ledger,
      isRotation,
      close,
      answer: async (question) => {
        const answer = await forward({ socketPath }, question);
        note(ledger, question, answer.status ?? 0, isRotation(question));
        return answer;
      },
    };
  };

/** What the application says of itself stays unasked: these counts are the proxy's. */
function note(ledger: Ledger, { headers }: Question, status: number, isRotation: boolean): void {
  const bearer = bearerOf(headers['authorization']);
  if (isRotation && status === 200) ledger.rotations += 1;
  else if (isRotation && status === 401) ledger.reuses += 1;
  else if (bearer !== undefined && status >= 400)
    ledger.refused.push(Date.now() - Number(decodeJwt(bearer)['born']) * 1_000);
}

function start(command: string, options: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(command, options, { cwd: HERE, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function untilStarted(socketPath: string, children: readonly ChildProcess[]): Promise<void> {
  const question = { method: 'GET', path: '/refused', headers: {}, body: '' };
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const answer = await forward({ socketPath }, question).catch(() => undefined);
    if (answer?.status === 200) return;
    if (children.some(({ exitCode }) => exitCode !== null)) break;
    await wait(LOOK);
  }
  throw new Error('The token service did not start.');
}
