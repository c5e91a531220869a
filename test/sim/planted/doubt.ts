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
];
