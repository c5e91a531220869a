/** Planted faults: what is done when nobody knows whether the server took a token. */
import type { PlantedFault } from './planted-fault.ts';

export const DOUBT: readonly PlantedFault[] = [
  {
    name: 'a network error ends the session',
    file: 'rotation.ts',
    find: "case 'rejected':",
    replace: "case 'rejected': case 'unknown':",
  },
  {
    name: 'a token in doubt is presented a third time after a probe',
    file: 'claim.ts',
    find: 'if (attempt.resends === 0) return',
    replace: 'return',
    scenario: 'folio',
  },
  {
    name: 'a token in doubt is presented again without the probe',
    file: 'claim.ts',
    find: "if (!attempt.probed) return { do: 'probe', doubt: attempt };",
    replace: '',
    scenario: 'folio',
  },
  {
    name: 'a lost answer leaves no doubt',
    file: 'rotation.ts',
    find: '{ presented, remains: { ...presented, lost: true } }',
    replace: '{ presented, remains: undefined }',
    scenario: 'max-reuse',
  },
  {
    name: 'resends are not counted',
    file: 'rotation.ts',
    find: 'resends: doubt ? doubt.resends + 1 : 0,',
    replace: 'resends: 0,',
    scenario: 'max-reuse',
  },
  {
    name: 'the time within which a token may be presented again is ignored',
    file: 'claim.ts',
    find: 'const isWithin = limit === Number.POSITIVE_INFINITY || (age >= 0 && age <= limit * 1_000);',
    replace: 'const isWithin = true;',
    scenario: 'grace',
  },
  {
    name: 'a token in doubt is presented again where the session should end',
    file: 'claim.ts',
    find: "? { do: 'interrupt' } : { do: 'probe', doubt: attempt };",
    replace: "? { do: 'send', doubt: attempt } : { do: 'probe', doubt: attempt };",
    scenario: 'strict',
  },
  {
    name: 'a session is interrupted while its token is good',
    file: 'claim.ts',
    find: "if (!ask.isExpired) return { do: 'outlive' };",
    replace: "if (!ask.isExpired) return { do: 'interrupt' };",
    scenario: 'strict',
  },
  {
    name: 'the other tabs are not asked for what they may hold',
    file: 'claim.ts',
    find: "return attempt.id === ask.known ? resolveDoubt(attempt, ask) : { do: 'ask', attempt: attempt.id };",
    replace: 'return resolveDoubt(attempt, ask);',
    scenario: 'unstored',
  },
  {
    name: 'the time for presenting a token again is counted from the last time',
    file: 'claim.ts',
    find: 'const age = ask.now - attempt.firstSentAt;',
    replace: 'const age = ask.now - attempt.sentAt;',
    scenario: 'grace',
  },
  {
    name: 'a rejected resend does not wait for the attempt before it',
    file: 'rotation.ts',
    find: "if (go.isSteal && (await wasOvertaken(held))) return { end: 'moved' };",
    replace: '',
    scenario: 'stalled',
  },
];
