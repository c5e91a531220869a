/** A calm run: nothing ends, and each refresh token is presented once, in its time. */
import { leewayOf, WATCHDOG } from '../../src/core/timing.ts';
import type { RefreshToken } from './authorization-server.ts';
import type { World } from './world.ts';

/** By the defaults of `schedule`. */
const FIRST = [0.3, 0.9] as const;
const LATER = [0.75, 0.9] as const;
/** A claim, a network, and a leader that is still to be elected. */
const SLACK = 1_500;

export function checkCalm({ archive, ledger, referee, setting, timeline }: World): void {
  const life = setting.life * 1_000;
  const usable = life - leewayOf(life, undefined);
  const latest = LATER[1] * usable + WATCHDOG + SLACK;
  const presented = new Set<RefreshToken>();
  let bornAt = archive.epochs()[0]?.since ?? 0;
  let range: readonly [number, number] = FIRST;
  for (const { sent, token } of ledger.presentations()) {
    const age = sent.now - bornAt;
    const detail = `${token.value} after ${Math.round(age)} ms, of ${usable}`;
    if (presented.has(token) && setting.rule.name !== 'non-rotating')
      referee.fail(1, 'a token was presented twice in calm', detail);
    if (age < range[0] * usable - SLACK) referee.fail(2, 'a token was rotated too early in calm', detail);
    if (age > latest) referee.fail(2, 'a token was rotated too late in calm', detail);
    presented.add(token);
    bornAt = sent.now;
    range = LATER;
  }
  if (timeline.now() - bornAt > latest) referee.fail(2, 'a token was not rotated in calm');
}
