/** What tests and the demo's page can do to the servers, and what they can learn from them. */
import type { IssuedTokens } from './authorization-configuration.ts';
import type { Books, Counts } from './books.ts';
import type { Faults, OutageMode, TokenDelay } from './faults.ts';
import type { Hold, HoldMoment } from './hold.ts';

/** The servers' levers and counts. */
export interface Control {
  /** The authorization server is out of reach for so many seconds. `mode` defaults to `'busy'`: it answers 503. */
  readonly goDown: (seconds: number, mode?: OutageMode) => void;
  /** The authorization server is back. */
  readonly comeUp: () => void;
  /** Makes the token endpoint slow: milliseconds before and after a request takes effect. */
  readonly delayTokens: (delay: Partial<TokenDelay>) => void;
  /** Access tokens issued from now on live so many seconds. */
  readonly issueFor: (seconds: number) => void;
  /** Holds the next token requests, so many of them, before or after they take effect. Default 1. */
  readonly holdTokens: (moment: HoldMoment, places?: number) => Hold;
  /** So many token requests take effect, and their answers are lost. */
  readonly dropAnswers: (count: number) => void;
  /** The API refuses every access token issued until now. */
  readonly refuseAccessTokens: () => void;
  /** What the servers counted since the start or the last reset. */
  readonly counts: () => Counts;
  /** Ends all faults and begins new counts. */
  readonly reset: () => void;
  /** All that the token endpoint ever issued, oldest first. For tests in this process; no URL leads here. */
  readonly issued: () => readonly IssuedTokens[];
}

/** Joins the levers and the books. */
export function createControl(faults: Faults, books: Books, issued: readonly IssuedTokens[]): Control {
  const { goDown, comeUp, delayTokens, holdTokens, issueFor, dropAnswers, refuseAccessTokens } = faults;
  return {
    goDown,
    comeUp,
    delayTokens,
    issueFor,
    holdTokens,
    dropAnswers,
    refuseAccessTokens,
    counts: books.read,
    reset: () => {
      faults.reset();
      books.reset();
    },
    issued: () => [...issued],
  };
}

/** Does what a command from the page asks. False: there is no such command. */
export function obey(control: Control, command: unknown): boolean {
  const { name, seconds } = Object(command);
  switch (name) {
    case 'go-down':
      if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= 600)) return false;
      control.goDown(seconds);
      return true;
    case 'come-up':
      control.comeUp();
      return true;
    case 'refuse-access-tokens':
      control.refuseAccessTokens();
      return true;
    case 'reset':
      control.reset();
      return true;
    default:
      return false;
  }
}
