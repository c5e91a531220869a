/** The referee: writes down what happens, and stops the run at the first broken invariant. */

/** A broken invariant of design section 4. */
export interface Violation {
  readonly invariant: number;
  /** What kind of break it is, in words that stay the same from seed to seed. */
  readonly kind: string;
  readonly at: number;
  readonly detail: string;
}

/** When, in which page (0: the world), what. */
export type TraceLine = readonly [
  at: number,
  page: number,
  what: string,
  detail?: string | number | object | undefined,
];

export interface Referee {
  readonly trace: (page: number, what: string, detail?: string | number | object) => void;
  readonly fail: (invariant: number, kind: string, detail?: string) => void;
  readonly violation: () => Violation | undefined;
  readonly lines: () => readonly TraceLine[];
}

/** `isTraced`: whether it writes anything down. To keep the lines costs more than to play a seed that failed once more. */
export function createReferee(now: () => number, isTraced: boolean): Referee {
  const start = now();
  const lines: TraceLine[] = [];
  let violation: Violation | undefined;
  return {
    trace: (page, what, detail) => void (isTraced && lines.push([now() - start, page, what, detail])),
    fail: (invariant, kind, detail = '') => {
      violation ??= { invariant, kind, at: now() - start, detail };
    },
    violation: () => violation,
    lines: () => lines,
  };
}

/** A trace as text, one line each: seconds, page, what. */
export function printTrace(lines: readonly TraceLine[]): string {
  return lines
    .map(([at, page, what, detail]) => {
      const who = page === 0 ? 'world' : `tab ${page}`;
      return `${(at / 1_000).toFixed(4).padStart(12)}  ${who.padEnd(7)} ${what}${detail === undefined ? '' : ` ${typeof detail === 'object' ? JSON.stringify(detail) : detail}`}`;
    })
    .join('\n');
}
