/** The arithmetic of a renewal: how long new tokens live, when they are to be rotated, and what came with them. */
import type { Core } from './core.ts';
import type { Renewal, SessionRecord } from './record.ts';
import { learnSkew, leewayOf, rotateAfter, type Moment } from './timing.ts';
import type { RotationCause, Tokens } from './types.ts';

/** How a rotation came about. */
export interface Circumstances {
  readonly cause: RotationCause;
  readonly resent: boolean;
  readonly serverTime?: number | undefined;
}

/** What the record says of new tokens, apart from the tokens themselves. `sent`: when the request for them left. */
export function renewalOf(record: SessionRecord, tokens: Tokens, sent: Moment, by: Circumstances, core: Core): Renewal {
  const { options, ports, tab } = core;
  const { clock } = ports;
  const { serverTime } = by;
  const reading = serverTime === undefined ? undefined : { sentAt: sent.wall, receivedAt: clock.now(), serverTime };
  return {
    ...lifeOf(tokens, sent.wall, options.schedule.later, core),
    endsAt: tokens.endsIn === undefined ? laterThan(sent.wall, record.endsAt) : sent.wall + tokens.endsIn,
    skew: reading === undefined ? record.skew : learnSkew(record.skew, reading),
    last: { at: clock.now(), cause: by.cause, tab, resent: by.resent },
  };
}

/** An end that has passed, and the server went on all the same: it was none. */
function laterThan(now: number, end: number | undefined): number | undefined {
  return end !== undefined && end > now ? end : undefined;
}

/** When tokens that left at this instant are to be rotated. */
export function lifeOf(
  { endsIn, isFinal, life }: Tokens,
  sentAt: number,
  range: readonly [number, number],
  { options, ports }: Core,
): Pick<SessionRecord, 'sentAt' | 'life' | 'rotateAt'> {
  // A refresh token that ends before the access token does has to be used before it ends.
  const usable = Math.min(life ?? Number.POSITIVE_INFINITY, endsIn ?? Number.POSITIVE_INFINITY);
  if (isFinal || usable === Number.POSITIVE_INFINITY) return { sentAt, life, rotateAt: undefined };
  return {
    sentAt,
    life,
    rotateAt: sentAt + rotateAfter(usable, leewayOf(usable, options.leeway), range, ports.dice.roll()),
  };
}
