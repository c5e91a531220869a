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
  {
    name: 'failures are not stored',
    file: 'record.ts',
    find: 'return { ...record, failures, attempt };',
    replace: 'return { ...record, attempt };',
    scenario: 'outage',
  },
  {
    name: 'what a newer version has stored is overwritten',
    file: 'record.ts',
    find: "if (typeof record.schema === 'number' && record.schema > SCHEMA)",
    replace: 'if (record.schema === Number.POSITIVE_INFINITY)',
    scenario: 'versions',
  },
];
