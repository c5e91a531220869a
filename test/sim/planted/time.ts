/** Planted faults: when a token is dead, when to rotate, when to try again. */
import type { PlantedFault } from './planted-fault.ts';

export const TIME: readonly PlantedFault[] = [
  {
    name: 'the leeway is added to the schedule instead of subtracted',
    file: 'timing.ts',
    find: '(life - leeway) * (from',
    replace: '(life + leeway) * (from',
    scenario: 'calm',
  },
  {
    name: 'requests are sent while offline',
    file: 'rotator.ts',
    find: "if (!network.isOnline()) return nothingSent('The browser is offline');",
    replace: '',
  },
  {
    name: 'the watchdog is off',
    file: 'schedule.ts',
    find: '(tabs.isLeader() ? 0 : Math.max(0, Math.min(WATCHDOG, (untilDead - due) / 2)))',
    replace: '(tabs.isLeader() ? 0 : Number.POSITIVE_INFINITY)',
    scenario: 'leaderless',
  },
  {
    name: 'nobody rotates before a request asks for it',
    file: 'schedule.ts',
    find: "      case 'always':\n        return true;",
    replace: "      case 'always':\n        return false;",
    scenario: 'calm',
  },
];
