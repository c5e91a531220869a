/** The options of a server module as an app writes them: own members only, each of its kind, or a TypeError that names it. */
import { fieldsOf, readLostAnswer, readSeconds } from '../core/options.ts';
import type { LostAnswer } from '../core/types.ts';

/** In seconds. A longer life can only have been meant in milliseconds. */
const YEAR = 31_536_000;

export interface ServerOptions {
  readonly field: (name: string) => unknown;
  /** A string that is not empty. @throws TypeError that names the option. */
  readonly text: (name: string) => string;
  /** The same, where it may be left out. */
  readonly optionalText: (name: string) => string | undefined;
  /** `defaultLife` in milliseconds. */
  readonly life: () => number | undefined;
  readonly lostAnswer: () => LostAnswer;
}

/** @param server The module's name, for its messages. @throws TypeError for a member that is not known. */
export function readServerOptions(server: string, given: unknown, known: readonly string[]): ServerOptions {
  const field = fieldsOf(given, server, new Set(known));
  const text = (name: string): string => {
    const value = field(name);
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`${server}: ${name} must be a string that is not empty.`);
  };
  return {
    field,
    text,
    optionalText: (name) => (field(name) === undefined ? undefined : text(name)),
    life: () => {
      const life = field('defaultLife');
      if (life === 0) throw new TypeError(`${server}: defaultLife must be above 0.`);
      return life === undefined ? undefined : readSeconds(`${server}: defaultLife`, life, YEAR);
    },
    lostAnswer: () => readLostAnswer(field('lostAnswer')),
  };
}
