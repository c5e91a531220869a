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
  {
    name: 'the leeway is added to the life instead of subtracted',
    file: 'held.ts',
    find: 'life - leewayOf(life, leeway), held, now)',
    replace: 'life + leewayOf(life, leeway), held, now)',
  },
  {
    name: 'a token never dies',
    file: 'held.ts',
    find: 'return timeUntilDead(held, now, leeway) <= 0;',
    replace: 'return false;',
  },
  {
    name: 'life is counted from the answer',
    file: 'renewal.ts',
    find: '...lifeOf(tokens, sent.wall, options.schedule.later, core),',
    replace: '...lifeOf(tokens, clock.now(), options.schedule.later, core),',
  },
  {
    name: 'Retry-After is ignored',
    file: 'timing.ts',
    find: 'if (at.retryAfter !== undefined) {',
    replace: 'if (false) {',
    scenario: 'outage',
  },
  {
    name: 'a failed try is repeated at once',
    file: 'timing.ts',
    find: 'let retryAt = at.now + FLOOR + at.roll * Math.min(cap - FLOOR, 1_000 * 2 ** Math.min(count, 20));\n  const sixth = recent.at(-TRIES_PER_WINDOW);',
    replace: 'let retryAt = at.now;\n  const sixth = undefined;',
    scenario: 'outage',
  },
  {
    name: "the refresh token's own end ends nothing",
    file: 'limits.ts',
    find: "else void outcomes.endEverywhere(held, 'expired');",
    replace: '',
    scenario: 'outage',
  },
];
