/** A planted fault: one line of the core, broken on purpose, in a copy. The simulation has to notice. */
import type { ScenarioName } from '../scenario.ts';

export interface PlantedFault {
  /** What the broken core does, as a claim. */
  readonly name: string;
  /** Below `src/core`. */
  readonly file: string;
  /** Stands there exactly once: else a change of the core has disarmed the fault, and whoever made it mends this. */
  readonly find: string;
  readonly replace: string;
  /** Where it shows soonest. Default: anything goes wrong. */
  readonly scenario?: ScenarioName;
}

export interface PlantedGroup {
  readonly about: string;
  readonly faults: readonly PlantedFault[];
}
