/** Contestants measured in turns, so that whatever disturbs one disturbs all. */

export interface Result {
  readonly name: string;
  /** Microseconds for each call. */
  readonly median: number;
  readonly p99: number;
}

export type Contestants = Readonly<Record<string, () => Promise<unknown>>>;

/** One call may be too short for the browser's clock: `calls` of them are one sample. */
export async function compare(contestants: Contestants, calls: number, samples: number): Promise<Result[]> {
  const entries = Object.entries(contestants).map(([name, call]) => ({ name, call, times: Array<number>() }));
  for (let round = 0; round < samples; round += 1) {
    for (const { call, times } of entries) {
      const start = performance.now();
      for (let count = 0; count < calls; count += 1) await call();
      times.push(((performance.now() - start) / calls) * 1_000);
    }
  }
  return entries.map(({ name, times }) => {
    const sorted = times.toSorted((one, other) => one - other);
    return { name, median: at(sorted, 0.5), p99: at(sorted, 0.99) };
  });
}

export function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** A table, with what each costs over the first. */
export function table(results: readonly Result[]): string {
  const base = results[0]?.median ?? 0;
  const rows = results.map(({ median, name, p99 }) => {
    const numbers = [median, p99, median - base].map((value) => value.toFixed(2).padStart(9));
    return `${name.padEnd(52)}${numbers.join('')}   ${(median / base).toFixed(3)}`;
  });
  const head = `${'µs for each call'.padEnd(52)}   median      p99    added   ratio`;
  return [head, ...rows].join('\n');
}
