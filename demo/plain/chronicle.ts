/** The last minutes as facts: generations, requests and outages, for the trace to draw. */
import type { SessionState } from 'holdfast';
import { accessTokenLife } from '../shared/settings.ts';
import { isLive } from '../shared/live.ts';

/** A stretch of time in epoch milliseconds; open while `to` is absent. */
export interface Stretch {
  readonly from: number;
  to?: number;
}

/** One generation of tokens; `to` is when it was replaced or wiped. */
export interface Generation extends Stretch {
  readonly generation: number;
  readonly rotateAt: number | undefined;
  readonly expiresAt: number;
}

/** One request, as its caller saw it. */
export interface Call extends Stretch {
  failed?: boolean;
}

const KEEP = 3 * 60_000;

/** What is known of the last minutes, oldest first. */
export const chronicle = {
  generations: [] as Generation[],
  calls: [] as Call[],
  outages: [] as Stretch[],
};

function noteGeneration(state: SessionState, now: number): void {
  const known = chronicle.generations.at(-1);
  if (!isLive(state)) {
    if (known !== undefined) known.to ??= now;
    return;
  }
  const { expiresAt, generation, rotateAt } = state;
  if (expiresAt === undefined || known?.expiresAt === expiresAt) return;
  if (known !== undefined) known.to ??= now;
  const from = known === undefined ? expiresAt - accessTokenLife * 1000 : now;
  chronicle.generations.push({ generation, from, rotateAt, expiresAt });
}

function noteOutage(state: SessionState, now: number): void {
  const known = chronicle.outages.at(-1);
  const isOpen = known !== undefined && known.to === undefined;
  if (state.status === 'stale' && !isOpen) chronicle.outages.push({ from: now });
  if (state.status !== 'stale' && isOpen) known.to = now;
}

/** Notes what a state says, and forgets what is long over. */
export function noteState(state: SessionState, now: number): void {
  noteGeneration(state, now);
  noteOutage(state, now);
  const isRecent = (stretch: Stretch): boolean => stretch.to === undefined || stretch.to > now - KEEP;
  chronicle.generations = chronicle.generations.filter(isRecent);
  chronicle.calls = chronicle.calls.filter(isRecent);
  chronicle.outages = chronicle.outages.filter(isRecent);
}
