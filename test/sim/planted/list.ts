/** All planted faults, by what they break. */
import { CLAIM_AND_LOCK } from './claim-and-lock.ts';
import { COMMIT_AND_FENCES } from './commit-and-fences.ts';
import { DOUBT } from './doubt.ts';
import type { PlantedGroup } from './planted-fault.ts';
import { REQUESTS } from './requests.ts';
import { SIGN_IN_AND_SIGN_OUT } from './sign-in-and-sign-out.ts';
import { STORAGE } from './storage.ts';
import { TABS } from './tabs.ts';
import { TIME } from './time.ts';

export const GROUPS: readonly PlantedGroup[] = [
  { about: 'claim and lock', faults: CLAIM_AND_LOCK },
  { about: 'commit and fences', faults: COMMIT_AND_FENCES },
  { about: 'doubt', faults: DOUBT },
  { about: 'time', faults: TIME },
  { about: 'storage', faults: STORAGE },
  { about: 'tabs and hand-over', faults: TABS },
  { about: 'sign-in and sign-out', faults: SIGN_IN_AND_SIGN_OUT },
  { about: 'requests', faults: REQUESTS },
];
