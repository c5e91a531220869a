/** A tab of the scenarios: a session, and the probe through which a scenario asks for things. */
import { createSession, type EndReason } from 'holdfast';
import { api } from '../../../demo/shared/settings.ts';
import type { Interval, Probe } from './probe.ts';
import { startPulse } from './pulse.ts';
import { logIn, tokenServer } from './server.ts';

/** Milliseconds. */
const AT_ONCE = 50;
const settings = new URLSearchParams(location.search);
const calls: Record<string, number> = {};
// Outlives a reload.
const due: Record<number, number> = Object(JSON.parse(sessionStorage.getItem('due') ?? '{}'));
const ends: EndReason[] = [];
let pending = 0;
let underway = 0;
let leftOut = 0;
let generation = 0;
let expiresAt = Infinity;
const late: Interval[] = [];
const refused: Interval[] = [];
let isCached = false;
let ticks = 0;

// Before the session adds its own listener: whoever calls here must not come too early.
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  isCached = true;
  void call(1);
});
setInterval(() => (ticks += 1), 1000);

// Tabs that are restored together begin in the same moment: when one of them is asked to.
if (settings.has('waits')) {
  const channel = new BroadcastChannel('begin');
  await new Promise<void>((resolve) => {
    channel.addEventListener('message', () => resolve());
    const begin = (): void => {
      channel.postMessage('');
      resolve();
    };
    Object.assign(globalThis, { probe: { begin } });
  });
}

const nativeFetch = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const from = Date.now();
  const isCall = String(given[0]).startsWith(api);
  if (isCall) underway += 1;
  const response = await nativeFetch(...given).finally(() => {
    if (isCall) underway -= 1;
  });
  if (response.status === 401 || response.status === 500) {
    // What is sent again at once, for a nonce that was wanted, carries the token that it had.
    const [begun = from] = refused.findLast(([, until]) => from - until < AT_ONCE) ?? [];
    refused.push([begun, Date.now()]);
  }
  return response;
};

const server = await tokenServer(settings.get('server'));
const session = createSession({ server, resources: [`${api}/api/`] });

async function callOnce(): Promise<string> {
  pending += 1;
  const ending = await session.fetch(`${api}/api/orders`).then(
    async (response) => {
      await response.arrayBuffer();
      return String(response.status);
    },
    (error: unknown) => (error instanceof Error ? error.name : 'not an error'),
  );
  pending -= 1;
  calls[ending] = (calls[ending] ?? 0) + 1;
  return ending;
}

function call(count: number): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, callOnce));
}

function noteGeneration(): void {
  const { state } = session;
  if (!('generation' in state) || state.rotateAt === undefined) return;
  if (state.generation !== generation) {
    if (Date.now() > expiresAt) late.push([expiresAt, Date.now()]);
    generation = state.generation;
  }
  expiresAt = state.expiresAt ?? Infinity;
  due[generation] = state.rotateAt;
  sessionStorage.setItem('due', JSON.stringify(due));
}

const pulse = startPulse(() => {
  // Where the machine does not keep up, tokens would die in the browser's queue. Calls that wait for a token do not count.
  if (underway < 2) void callOnce();
  else leftOut += 1;
});
session.subscribe(noteGeneration);
session.on('ended', ({ reason }) => ends.push(reason));
void call(Number(settings.get('calls') ?? 0));

const probe: Probe = {
  begin: () => undefined,
  start: (response, user) => session.start(response, { user }),
  logIn: async (credentials) => session.start(await logIn(server, credentials), { user: 'ada' }),
  end: () => session.end(),
  inspect: session.inspect,
  call,
  callAside: (count) => void call(count),
  load: pulse.every,
  report: () => {
    const now = Date.now();
    const lateNow: readonly Interval[] = now > expiresAt ? [[expiresAt, now]] : [];
    const standstills = pulse.standstills();
    return { calls, leftOut, pending, due, late: [...late, ...lateNow], refused, standstills, ends, isCached, ticks };
  },
  block: (time) => {
    setTimeout(() => {
      const end = Date.now() + time;
      while (Date.now() < end);
    });
  },
  deleteDatabases: async () => {
    for (const { name } of await indexedDB.databases()) {
      if (name === undefined) continue;
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.addEventListener('success', () => resolve());
        request.addEventListener('error', () => reject(new Error(`${name} cannot be deleted.`)));
      });
    }
  },
};

Object.assign(globalThis, { probe });
