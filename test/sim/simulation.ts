/** One run: a seed makes a world, lets a user live in it for ten minutes, and tells what broke. */
import type { FaultCounts } from './faults.ts';
import { playFinale } from './finale.ts';
import { seededRandom } from './random.ts';
import { printTrace, type TraceLine, type Violation } from './referee.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenario.ts';
import { drawSetting, type Setting } from './setting.ts';
import { makeTrouble } from './trouble.ts';
import { createUser } from './user.ts';
import { createWorld } from './world.ts';

export { useLightSignals } from './abort-signal.ts';
export { SCENARIOS } from './scenario.ts';

export interface Run {
  readonly seed: number;
  /** How many tabs were asked for. */
  readonly tabs: number | undefined;
  readonly scenario: ScenarioName | undefined;
  readonly setting: Setting;
  readonly violation: Violation | undefined;
  readonly faults: FaultCounts;
  /** Why sessions ended. */
  readonly ends: ReadonlyMap<string, number>;
  readonly rotations: number;
  readonly trace: readonly TraceLine[];
}

export interface SimulationOptions {
  /** How many tabs. Default: what the seed says. */
  readonly tabs?: number | undefined;
  /** Default: anything. */
  readonly scenario?: ScenarioName | undefined;
  /** Whether what happens is written down. Default: yes. */
  readonly isTraced?: boolean;
}

/** How long things go wrong. What is left of the ten minutes belongs to the finale. */
const TIME_OF_TROUBLE = 8 * 60_000;
const CHECK_INTERVAL = 5_000;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Run> {
  const { isTraced = true, scenario: name, tabs } = options;
  const random = seededRandom(seed);
  const scenario: Scenario | undefined = name && SCENARIOS[name];
  const setting = drawSetting(random, { tabs, layDown: scenario?.setting });
  const world = createWorld(setting, random, scenario, isTraced);
  const { archive, faults, ledger, machine, referee, timeline, traffic } = world;
  const user = createUser(world);
  const isOver = () => referee.violation() !== undefined;
  // While the machine sleeps nothing waits, and no page's time goes on.
  const check = (): void => {
    if (machine.isAsleep()) return machine.onceAwake(check);
    traffic.check();
    user.check();
    timeline.after(CHECK_INTERVAL, check);
  };
  user.begin();
  makeTrouble(world, user);
  check();
  await timeline.run(timeline.now() + TIME_OF_TROUBLE, isOver);
  if (!isOver()) await playFinale(world, user);
  return {
    seed,
    tabs,
    scenario: name,
    setting,
    violation: referee.violation(),
    faults: faults.counts(),
    ends: archive.ends(),
    rotations: ledger.presentations().filter(({ isCommitted }) => isCommitted).length,
    trace: referee.lines(),
  };
}

/** What broke, when, what went before, and how to see it again. */
export function explain({ scenario, seed, setting, tabs, trace, violation }: Run, lines = 60): string {
  if (violation === undefined) return `Seed ${seed}: nothing broke.`;
  const { at, detail, invariant, kind } = violation;
  return [
    `Seed ${seed} breaks invariant ${invariant} after ${(at / 1_000).toFixed(3)} s: ${kind}${detail === '' ? '' : ` (${detail})`}.`,
    JSON.stringify(setting),
    printTrace(trace.slice(-lines)),
    ['Repeat it: npm run sim -- --seeds 1 --from', seed, ...option('tabs', tabs), ...option('scenario', scenario)].join(
      ' ',
    ),
  ].join('\n');
}

function option(name: string, value: number | string | undefined): readonly (number | string)[] {
  return value === undefined ? [] : [`--${name}`, value];
}
