/** Planted faults: requests that wait, go, and go again. */
import type { PlantedFault } from './planted-fault.ts';

export const REQUESTS: readonly PlantedFault[] = [
  {
    name: 'waiting requests of one person go on as another',
    file: 'admission.ts',
    find: "if (!isSamePerson(first, now)) throw new SessionEndedError('replaced');",
    replace: '',
    scenario: 'sign-out',
  },
  {
    name: 'waiting requests of a session that ended go on without it',
    file: 'admission.ts',
    find: "if (first === undefined && options.signedOut === 'anonymous') return undefined;",
    replace: "if (options.signedOut === 'anonymous') return undefined;",
    scenario: 'sign-out',
  },
  {
    name: 'the gate is never released',
    file: 'gate.ts',
    find: 'if (!isDraining) void drain();',
    replace: '',
  },
  {
    name: 'waiting requests outlast the session',
    file: 'session.ts',
    find: 'if (held === undefined) gate.reject(new SessionEndedError(reasonOf(store.get())));',
    replace: 'if (held === undefined) void 0;',
    scenario: 'sign-out',
  },
  {
    name: 'the queue has no timeout',
    file: 'gate.ts',
    find: 'else waiter.leave(new QueueTimeoutError(queue.timeout / 1_000));',
    replace: '',
  },
  {
    name: 'a refusal is replayed with the same token',
    file: 'fetch.ts',
    find: 'if (newer === undefined) return response;',
    replace: 'if (newer === undefined) return send(outgoing, held);',
  },
  {
    name: 'refusals cause rotations without a pause',
    file: 'rotator.ts',
    find: "(last?.cause !== 'refusal' || !(clock.now() >= last.at && clock.now() < last.at + REFUSAL_INTERVAL)),",
    replace: 'true,',
  },
  {
    name: 'a token goes wherever a request goes',
    file: 'fetch.ts',
    find: 'if (!scope(url) || ',
    replace: 'if (',
  },
  {
    name: "the caller's own headers are lost",
    file: 'fetch.ts',
    find: 'dressHeaders(headers, attachment.headers)',
    replace: 'dressHeaders(undefined, attachment.headers)',
    scenario: 'calm',
  },
  {
    name: 'the log quotes the refresh token',
    file: 'rotation.ts',
    find: 'generation: held.record.generation,\n      status:',
    replace: 'generation: held.record.generation,\n      token: held.tokens.refreshToken,\n      status:',
    scenario: 'calm',
  },
  {
    name: 'a dead token is let through',
    file: 'admission.ts',
    find: 'if (rotator.isTokenDead(held)) {',
    replace: 'if (Number.isNaN(0)) {',
  },
  {
    name: 'a slow disk looks like signed out',
    file: 'admission.ts',
    find: 'starting() ?? ending() ?? (isRestoring() ? ready : held && view.rechecking());',
    replace: 'starting() ?? ending() ?? (held && view.rechecking());',
    scenario: 'storage',
  },
  {
    name: 'a disk that fails once looks like signed out',
    file: 'session.ts',
    find: 'const READS = 3;',
    replace: 'const READS = 1;',
    scenario: 'storage',
  },
];
