/** Reads `WWW-Authenticate` (RFC 9110 section 11.6.1): several challenges in one header, quoted commas, any case. */

export interface Challenge {
  /** Lower case: `bearer`, `dpop`, … */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A parameter with its value, quoted or not; or a word that stands alone, which is a scheme. */
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

/** The challenges in the order given; none when the header is absent or unreadable. */
export function readChallenges(header: string | null): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name = '', quoted, bare] of (header ?? '').slice(0, 16_384).matchAll(PART)) {
    const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}
