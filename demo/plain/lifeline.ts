/** The life of the access token as a bar that drains, with its marks and the two countdowns. */
import { part, write } from '../shared/page.ts';
import { leeway } from '../shared/session-options.ts';
import { accessTokenLife } from '../shared/settings.ts';
import type { Live } from '../shared/live.ts';

const life = accessTokenLife * 1000;

function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
}

function percent(fraction: number): string {
  return `${(100 * Math.min(1, Math.max(0, fraction))).toFixed(2)}%`;
}

/** Draws the bar and the countdowns as they are at this moment. */
export function drawLifeline(state: Live, now: number): void {
  const { expiresAt, rotateAt, status } = state;
  const bar = part('lifeline');
  if (expiresAt === undefined) {
    write(part('expires-in'), 'unknown');
    return;
  }
  const issuedAt = expiresAt - life;
  const at = (instant: number): string => percent((instant - issuedAt) / life);

  write(part('expires-in'), expiresAt > now ? seconds(expiresAt - now) : 'expired');
  write(
    part('rotates-in'),
    status === 'stale' ? 'when it can' : rotateAt === undefined ? 'on request' : seconds(rotateAt - now),
  );
  bar.style.setProperty('--now', at(now));
  bar.style.setProperty('--rotation', at(rotateAt ?? expiresAt));
  bar.style.setProperty('--leeway', at(expiresAt - leeway * 1000));
}
