/** The tally of many runs: faults, ends and violations, summed up and printed as tables. */

export function createTally() {
  const faults = {};
  const ends = {};
  const violations = new Map();
  let runs = 0;
  let rotations = 0;
  const add = (sums, counts) => {
    for (const [name, count] of counts) sums[name] = (sums[name] ?? 0) + count;
  };
  return {
    /** Counts one run. Returns the violation's entry, if there was one. */
    add: (run) => {
      runs += 1;
      add(faults, Object.entries(run.faults ?? {}));
      add(ends, run.ends ?? []);
      rotations += run.rotations ?? 0;
      if (run.violation === undefined) return undefined;
      const name = `${run.violation.invariant}: ${run.violation.kind}`;
      const entry = violations.get(name) ?? { name, seeds: [], story: run.story };
      violations.set(name, entry);
      entry.seeds.push(run.seed);
      return entry;
    },
    sums: () => ({ runs, rotations, faults, ends, violations: [...violations.values()] }),
  };
}

/** `seconds`: by the clock, and of processor time. */
export function printTally({ ends, faults, rotations, runs, violations }, [seconds, worked]) {
  const lines = ['', ...table('Faults, by how often they struck', faults), ...table('Ends, by cause', ends)];
  for (const { name, seeds } of violations) {
    const first = seeds.toSorted((one, other) => one - other).slice(0, 8);
    lines.push(`Invariant ${name}: ${seeds.length} seeds, first ${first.join(' ')}`);
  }
  const pace = `${runs} seeds in ${seconds.toFixed(1)} s, ${worked.toFixed(1)} s of processor time`;
  lines.push(
    `${pace}: ${(runs / seconds).toFixed(0)} a second. ${rotations} rotations, ${violations.length} kinds of violation`,
  );
  return lines.join('\n');
}

const COLUMNS = 3;

/** Several columns of names and numbers, the most frequent first. */
function table(title, sums) {
  const rows = Object.entries(sums).sort(([, one], [, other]) => other - one);
  const height = Math.ceil(rows.length / COLUMNS);
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  const cell = (row) => (row === undefined ? '' : `  ${row[0].padEnd(width)}${`${row[1]}`.padStart(8)}`);
  return [
    title,
    ...Array.from({ length: height }, (_, row) =>
      Array.from({ length: COLUMNS }, (_, column) => cell(rows[column * height + row]))
        .join('')
        .trimEnd(),
    ),
    '',
  ];
}
