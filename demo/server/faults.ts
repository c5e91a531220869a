/** What can be made to go wrong: the authorization server's bad days, at the press of a button. */

import { createHold, type Hold, type HoldGate, type HoldMoment } from './hold.ts';

/** How a server that is down behaves: it answers 503, or cuts the connection without an answer. */
export type OutageMode = 'busy' | 'cut';

/** Whether the authorization server can be reached. */
export type Reach =
  | { readonly status: 'up' }
  /** `until`: epoch milliseconds. */
  | { readonly status: 'down'; readonly until: number; readonly mode: OutageMode };

/** Waiting times of the token endpoint in milliseconds, before and after the request takes effect. */
export interface TokenDelay {
  readonly before: number;
  readonly after: number;
}

/** The faults, and the questions that the servers ask about them. */
export interface Faults {
  readonly goDown: (seconds: number, mode?: OutageMode) => void;
  readonly comeUp: () => void;
  readonly reach: () => Reach;
  readonly delayTokens: (delay: Partial<TokenDelay>) => void;
  readonly tokenDelay: () => TokenDelay;
  /** Access tokens issued from now on live so many seconds. */
  readonly issueFor: (seconds: number) => void;
  /** Seconds. */
  readonly accessTokenLife: () => number;
  /** Holds the next token requests, so many of them. Default 1. */
  readonly holdTokens: (moment: HoldMoment, places?: number) => Hold;
  /** The hold that the request which has just come is in. */
  readonly takeHold: () => HoldGate | undefined;
  /** Cuts so many answers of the token endpoint in the middle: the requests took effect, and nobody learns how. */
  readonly dropAnswers: (count: number) => void;
  /** Takes one of the drops, if any is left. */
  readonly takeDrop: () => boolean;
  /** Notes an access token, so that it can be refused later. */
  readonly noteAccessToken: (id: string) => void;
  /** The API refuses every access token issued until now. */
  readonly refuseAccessTokens: () => void;
  readonly isRefused: (id: string) => boolean;
  /** Back to good days. Tokens that were refused stay refused. */
  readonly reset: () => void;
}

/** A world without faults, until told otherwise. Access tokens live so many seconds. */
export function createFaults(firstLife: number): Faults {
  let reach: Reach = { status: 'up' };
  let delay: TokenDelay = { before: 0, after: 0 };
  let hold: HoldGate | undefined;
  let drops = 0;
  let life = firstLife;
  let issued: string[] = [];
  const refused = new Set<string>();

  return {
    goDown: (seconds, mode = 'busy') => {
      reach = { status: 'down', until: Date.now() + seconds * 1000, mode };
    },
    comeUp: () => {
      reach = { status: 'up' };
    },
    reach: () => {
      if (reach.status === 'down' && reach.until <= Date.now()) reach = { status: 'up' };
      return reach;
    },
    delayTokens: ({ before = 0, after = 0 }) => {
      delay = { before, after };
    },
    tokenDelay: () => delay,
    issueFor: (seconds) => {
      life = seconds;
    },
    accessTokenLife: () => life,
    holdTokens: (moment, places = 1) => (hold = createHold(moment, places)),
    takeHold: () => (hold?.take() === true ? hold : undefined),
    dropAnswers: (count) => {
      drops = count;
    },
    takeDrop: () => {
      if (drops === 0) return false;
      drops -= 1;
      return true;
    },
    noteAccessToken: (id) => void issued.push(id),
    refuseAccessTokens: () => {
      for (const id of issued) refused.add(id);
      issued = [];
    },
    isRefused: (id) => refused.has(id),
    reset: () => {
      reach = { status: 'up' };
      delay = { before: 0, after: 0 };
      hold?.release();
      drops = 0;
      life = firstLife;
    },
  };
}
