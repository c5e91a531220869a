/** A tab of the scenarios: a session, and the probe through which a scenario asks for things. */
import { createSession, oauth2, type EndReason } from 'holdfast';
import { api, clientId, issuer } from '../../../demo/src/settings.ts';
import type { Probe } from './probe.ts';

const settings = new URLSearchParams(location.search);
const calls: Record<string, number> = {};
// Outlives a reload.
const due: Record<number, number> = Object(JSON.parse(sessionStorage.getItem('due') ?? '{}'));
const ends: EndReason[] = [];
let pending = 0;
let generation = 0;
let expiresAt = Infinity;
let late = 0;
let isCached = false;
let ticks = 0;
let metronome: Worker | undefined;

// Before the session adds its own listener: whoever calls here must not come too early.
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  isCached = true;
  void call(1);
});
setInterval(() => (ticks += 1), 1000);

// Tabs that are restored together begin in the same moment.
const begin = Number(settings.get('at') ?? 0) - Date.now();
if (begin > 0) await new Promise((resolve) => setTimeout(resolve, begin));

const session = createSession({
  server: oauth2({
    tokenEndpoint: `${issuer}/token`,
    revocationEndpoint: `${issuer}/token/revocation`,
    clientId,
  }),
  resources: [`${api}/api/`],
});

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
    late += Number(Date.now() > expiresAt);
    generation = state.generation;
  }
  expiresAt = state.expiresAt ?? Infinity;
  due[generation] = state.rotateAt;
  sessionStorage.setItem('due', JSON.stringify(due));
}

session.subscribe(noteGeneration);
session.on('ended', ({ reason }) => ends.push(reason));
void call(Number(settings.get('calls') ?? 0));

const probe: Probe = {
  start: (response, user) => session.start(response, { user }),
  end: () => session.end(),
  inspect: session.inspect,
  call,
  load: (interval) => {
    metronome?.terminate();
    if (interval === 0) return;
    // A worker's: the timers of a page that is not seen fire once a second at most.
    const source = new Blob([`setInterval(postMessage, ${interval}, 0)`], { type: 'text/javascript' });
    metronome = new Worker(URL.createObjectURL(source));
    metronome.addEventListener('message', () => void callOnce());
  },
  report: () => ({ calls, pending, due, late: late + Number(Date.now() > expiresAt), ends, isCached, ticks }),
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
