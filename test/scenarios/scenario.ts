/** One scenario: what is to hold, how the stage is set for it, and what happens there. */
import type { Setting, Stage } from './stage.ts';
import type { Tally } from './tally.ts';

/** A scenario. */
export interface Scenario extends Setting {
  /** What is claimed, in the user's words. */
  readonly name: string;
  readonly play: (stage: Stage) => Promise<Tally>;
}
