/** Planted faults: who may send, under the lock and by the claim. */
import type { PlantedFault } from './planted-fault.ts';

export const CLAIM_AND_LOCK: readonly PlantedFault[] = [
  {
    name: 'the record is not read again under the lock',
    file: 'rotation.ts',
    find: 'made.decision = decide(isOurs() ? stored : undefined, {',
    replace: 'made.decision = decide(isOurs() ? held.record : undefined, {',
  },
  {
    name: 'the claim is not written',
    file: 'rotation.ts',
    find: "return claimed(stored, made.attempt, go.cause === 'user' ? claimedAt.wall : undefined);",
    replace: 'return undefined;',
  },
  {
    name: 'the lease of another tab is not respected',
    file: 'claim.ts',
    find: "if (!isOver) return { do: 'watch' };",
    replace: '',
  },
  {
    name: 'a tab counts as alone without a lock that keeps others out',
    file: 'rotator.ts',
    find: 'isAlone: lock.isExclusive && !isSteal,',
    replace: 'isAlone: true,',
  },
  {
    name: 'a rotation has no request limit',
    file: 'exchange.ts',
    find: '(passed >= LONGEST_REQUEST || mayGiveUp())) return stop();',
    replace: '(passed >= LONGEST_REQUEST || mayGiveUp())) return;',
  },
  {
    name: 'the lock is kept for ever',
    file: 'rotator.ts',
    find: 'await unstored.storeUnderLock(lost);',
    replace: 'await new Promise(() => undefined);',
    scenario: 'calm',
  },
  {
    name: 'a claim does not check the generation',
    file: 'claim.ts',
    find: "if (!isAt(record, ask.epoch, ask.generation)) return { do: 'adopt' };",
    replace: "if (record === undefined) return { do: 'adopt' };",
  },
  {
    name: 'the lock is stolen as soon as a request waits',
    file: 'schedule.ts',
    find: 'return hasGrace() || left <= REQUEST_LIMIT;',
    replace: 'return true;',
    scenario: 'stalled',
  },
  {
    name: 'the lock is stolen before a whole lease has passed',
    file: 'schedule.ts',
    find: 'if (stood < (view.seen()?.attempt?.resends ? 2 * LEASE : LEASE)) return false;',
    replace: '',
    scenario: 'stalled',
  },
  {
    name: 'the lock is stolen although nobody waits',
    file: 'schedule.ts',
    find: 'const left = waiting.timeLeft();',
    replace: 'const left = waiting.timeLeft() ?? 0;',
    scenario: 'deserted',
  },
  {
    name: 'the lock is stolen although the token is still good',
    file: 'schedule.ts',
    find: 'left === undefined || !isDead(held, momentOf(clock), options.leeway)) return false;',
    replace: 'left === undefined) return false;',
    scenario: 'refused',
  },
  {
    name: 'a token is sent when its claim is nearly over',
    file: 'exchange.ts',
    find: 'if (signal.aborted || since(claimedAt, momentOf(clock)) > LEASE - REQUEST_LIMIT) {',
    replace: 'if (signal.aborted) {',
    scenario: 'signed',
  },
  {
    name: 'another attempt is not watched anew',
    file: 'watch.ts',
    find: 'stood = watched === id ? stood + Math.min(passed, LONGEST_LOOK) : 0;',
    replace: 'stood += Math.min(passed, LONGEST_LOOK);',
    scenario: 'stalled',
  },
];
