/** What counts in the end: taken from the servers' books and the tabs' reports, never from a stopwatch. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Refusal } from '../../demo/server/books.ts';
import type { Tab } from './engine.ts';
import { isExcusedRefusal, judgeLateness, type Lateness } from './excuse.ts';
import type { Stage } from './stage.ts';

/** The counts of one scenario. */
export interface Tally {
  readonly tabs: number;
  /** Refresh tokens that the server took. */
  readonly rotations: number;
  /** Generations whose time to be rotated has come. */
  readonly due: number;
  /** What else came of presenting a refresh token. */
  readonly rejections: number;
  readonly reuses: number;
  /** 401s by the API, with the age of the token. */
  readonly refusals: readonly Refusal[];
  /** 401s for tokens that died on the way: no fault of those who sent them. */
  readonly excusedRefusals: readonly Refusal[];
  /** Tokens that expired in a tab before the next was there, while the machine stood still. */
  readonly excusedLateness: readonly Lateness[];
  /** 401s that the app saw because both the request and its replay died on the way. */
  readonly excusedFailures: number;
  /** Calls that did not end well, by how they ended. */
  readonly failures: Readonly<Record<string, number>>;
  readonly answered: number;
  /** Calls that have not ended. */
  readonly pending: number;
  /** Calls that were left out, because those before them had not come back. */
  readonly leftOut: number;
  /** Tabs that are no longer signed in. */
  readonly lost: number;
  /** The generations that the tabs are at. */
  readonly generations: readonly number[];
}

/** Counts. */
export async function takeTally(stage: Stage): Promise<Tally> {
  const tabs = stage.tabs();
  const living = await Promise.all(tabs.map((tab) => tab.ask('report')));
  const reports = [...stage.farewells, ...living];
  const states = await Promise.all(tabs.map(async (tab) => (await tab.ask('inspect')).state));
  const { apiCalls, refusals: all, reuses, tokenRequests } = stage.demo.control.counts();
  const { life } = stage.setting;
  const refusals = all.filter((refusal) => !isExcusedRefusal(refusal, reports, life));
  const { ok = 0, ...rejections } = tokenRequests['refresh_token'] ?? {};
  const due: Record<number, number> = Object.assign({}, ...reports.map((report) => report.due));
  const failures: Record<string, number> = {};
  let answered = 0;
  for (const { calls } of reports) {
    for (const [ending, count] of Object.entries(calls)) {
      if (ending === '200') answered += count;
      else failures[ending] = (failures[ending] ?? 0) + count;
    }
  }
  const excusedRefusals = all.filter((refusal) => !refusals.includes(refusal));
  // What the app sees, the API has said before: where each of its refusals is excused, so is what came of them.
  const { 401: refused = 0, ...others } = failures;
  const isExcused = excusedRefusals.length === apiCalls['401'] && refused <= excusedRefusals.length;
  const now = Date.now();
  const generations = states.flatMap((state) => ('generation' in state ? [state.generation] : []));
  return {
    tabs: tabs.length,
    rotations: ok,
    due: Object.values(due).filter((at) => at <= now).length,
    rejections: sum(Object.values(rejections)),
    reuses,
    refusals,
    excusedRefusals,
    excusedLateness: reports.flatMap((report) => judgeLateness(report, life)).filter(({ isExcused }) => isExcused),
    excusedFailures: isExcused ? refused : 0,
    failures: isExcused ? others : failures,
    answered,
    pending: sum(living.map(({ pending }) => pending)),
    leftOut: sum(reports.map(({ leftOut }) => leftOut)),
    lost: tabs.length - generations.length,
    generations: [...new Set(generations)],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** No token expired in these tabs before the next was there, but for what is excused. */
export async function expectOnTime({ expect, setting }: Stage, tabs: readonly Tab[]): Promise<void> {
  const reports = await Promise.all(tabs.map((tab) => tab.ask('report')));
  const lateness = reports.flatMap((report) => judgeLateness(report, setting.life));
  expect(lateness.filter(({ isExcused }) => !isExcused)).toEqual([]);
}

/** What holds wherever nobody signed out and no answer was lost: each generation rotated once, and nobody noticed. */
export async function expectKept(stage: Stage): Promise<Tally> {
  const { expect } = stage;
  let tally = await takeTally(stage);
  // While a rotation is on its way it is due and not yet done; while a refusal is, the API knows more than the tab.
  for (let looks = 0; looks < 240 && !isSettled(tally); looks += 1) {
    await wait(250);
    tally = await takeTally(stage);
  }
  expect(tally).toMatchObject({
    generations: [tally.rotations],
    due: tally.rotations,
    rejections: 0,
    reuses: 0,
    refusals: [],
    pending: 0,
    lost: 0,
  });
  // Not above: whatever there is matches nothing at all.
  expect(tally.failures).toEqual({});
  return tally;
}

function isSettled({ due, generations, pending, rotations }: Tally): boolean {
  return pending === 0 && due === rotations && generations.length === 1 && generations[0] === rotations;
}
