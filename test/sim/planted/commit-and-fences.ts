/** Planted faults: what is written once a rotation is over, and what keeps late answers out. */
import type { PlantedFault } from './planted-fault.ts';

export const COMMIT_AND_FENCES: readonly PlantedFault[] = [
  {
    name: 'a commit does not check the epoch',
    file: 'outcomes.ts',
    find: 'isFenced = !isAt(stored, epoch, generation) || !isOurs();',
    replace: 'isFenced = stored.generation !== generation;',
    scenario: 'sign-out',
  },
  {
    name: 'an ended epoch counts as living',
    file: 'record.ts',
    find: 'record.generation === generation && record.ended === undefined;',
    replace: 'record.generation === generation;',
    scenario: 'sign-out',
  },
  {
    name: 'tokens that storage refused are thrown away',
    file: 'outcomes.ts',
    find: 'isStored = false;\n      isFenced',
    replace: "return storageFailed('commit', error);\n      isFenced",
    scenario: 'storage',
  },
  {
    name: 'a commit does not count the generation',
    file: 'record.ts',
    find: 'generation: record.generation + 1,',
    replace: 'generation: record.generation,',
  },
  {
    name: 'a commit leaves the attempt standing',
    file: 'record.ts',
    find: '    attempt: undefined,\n',
    replace: '',
  },
  {
    name: 'a commit does not check the generation',
    file: 'outcomes.ts',
    find: 'isFenced = !isAt(stored, epoch, generation) || !isOurs();',
    replace: 'isFenced = stored.epoch !== epoch || stored.ended !== undefined || !isOurs();',
    scenario: 'stalled',
  },
  {
    name: 'a rotation is announced before it is stored',
    file: 'outcomes.ts',
    find: 'record = await vault.update((stored = held.record) => {\n        isFenced',
    replace:
      "tabs.announce({ v: 1, kind: 'rotated', epoch, generation: generation + 1 });\n      record = await vault.update((stored = held.record) => {\n        isFenced",
    scenario: 'calm',
  },
  {
    name: 'what was won for a session that was signed out is not revoked',
    file: 'outcomes.ts',
    find: 'if (isBuried || isOver(held.record, record ?? view.held()?.record)) revoke(core, tokens);',
    replace: '',
    scenario: 'farewell',
  },
];
