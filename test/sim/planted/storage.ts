/** Planted faults: what the record says, and what storage refused. */
import type { PlantedFault } from './planted-fault.ts';

export const STORAGE: readonly PlantedFault[] = [
  {
    name: 'tokens are stored unsealed as well',
    file: 'outcomes.ts',
    find: 'renewed(stored, { ...renewal, sealed })',
    replace: 'renewed(stored, { ...renewal, sealed, tokens })',
    scenario: 'calm',
  },
];
