/** What the parts of one session share: the world, the options, and the parts that stand below them. */
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import type { Options } from './options.ts';
import type { Ports } from './ports.ts';
import type { View } from './view.ts';

export interface Core {
  readonly ports: Ports;
  readonly options: Options;
  /** This tab's random name. */
  readonly tab: string;
  readonly events: Events;
  readonly log: Log;
  readonly view: View;
}
