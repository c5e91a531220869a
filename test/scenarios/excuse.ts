/** What no session keeper could have prevented: a token that died while the machine, not the library, stood still. */
import type { Refusal } from '../../demo/server/books.ts';
import type { Interval, Report } from './page/probe.ts';

const BEAT = 50;
const LATE = 150;

/** When this process, with the servers in it, was kept from running. */
const standstills: Interval[] = [];
let last = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** Begins to listen to this process's own pulse, once. */
export function watchServers(): void {
  if (timer !== undefined) return;
  last = Date.now();
  timer = setInterval(() => {
    const now = Date.now();
    if (now - last > LATE) standstills.push([last + BEAT, now]);
    last = now;
  }, BEAT);
  timer.unref();
}

/** How much of that time lies in at least one of the intervals. */
function covered(intervals: readonly Interval[], [from, until]: Interval): number {
  let total = 0;
  let end = from;
  for (const [start, stop] of intervals.toSorted(([one], [other]) => one - other)) {
    const begin = Math.max(start, end);
    const close = Math.min(stop, until);
    if (close <= begin) continue;
    total += close - begin;
    end = close;
  }
  return total;
}

/** A token that expired in a tab before the next was there. */
export interface Lateness {
  readonly milliseconds: number;
  /** How long the tab or the servers stood still since the token was half as old. */
  readonly stoodStill: number;
  readonly isExcused: boolean;
}

/** Judges how late tokens of so many seconds were. Excused: without the standstills the next would have been in time. */
export function judgeLateness({ late, standstills: own }: Report, life: number): readonly Lateness[] {
  return late.map(([expiredAt, until]) => {
    const stoodStill = covered([...own, ...standstills], [expiredAt - life * 500, until]);
    return { milliseconds: until - expiredAt, stoodStill, isExcused: until - stoodStill <= expiredAt };
  });
}

/**
 * Whether the token had its leeway, a quarter of its life, when a tab attached it, and died on the way. The servers
 * count in whole seconds: up to one is missing of every life.
 */
export function isExcusedRefusal({ age, at, reason }: Refusal, reports: readonly Report[], life: number): boolean {
  if (reason !== 'expired' || age === undefined) return false;
  const attachedBy = at - age * 1000 + life * 1000 - (life * 250 - 1000);
  return reports.some(({ refused }) =>
    refused.some(([from, until]) => from <= attachedBy && from <= at && at <= until),
  );
}
