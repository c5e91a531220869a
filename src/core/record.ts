/** The one record that all tabs share, and the only changes that may be made to it. */
import type { EndReason, Rotation } from './types.ts';

/** The record's layout. A record with another number is left untouched. */
export const SCHEMA = 1;

export interface Attempt {
  readonly id: string;
}

export interface SessionRecord {
  readonly schema: number;
  readonly epoch: string;
  readonly generation: number;
  readonly ended?: EndReason | undefined;
  readonly last?: Rotation | undefined;
}
