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
];
