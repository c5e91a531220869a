/** The processes of one browser on Linux, told from all others by a mark in their environment. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const MARK = 'HOLDFAST_BROWSER';

/** The marked processes. */
export interface Processes {
  /** What to start the browser with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Their ids. */
  readonly ids: () => Promise<ReadonlySet<number>>;
  /** The id of the process that works hardest in the second after the task, those aside that were there before. */
  readonly busiest: (task: () => Promise<void>, before: ReadonlySet<number>) => Promise<number>;
}

/** Makes a mark. */
export function markProcesses(): Processes {
  const mark = randomUUID();
  const environment: Record<string, string> = { [MARK]: mark };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;

  /** The processor time of each process so far, in ticks. */
  const work = async (): Promise<ReadonlyMap<number, number>> => {
    const times = new Map<number, number>();
    for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      try {
        if (!(await readFile(`/proc/${id}/environ`, 'latin1')).includes(mark)) continue;
        // After the name, in parentheses: the 14th and 15th field are user and system time.
        const fields = (await readFile(`/proc/${id}/stat`, 'latin1')).replace(/^.*\) /, '').split(' ');
        times.set(Number(id), Number(fields[11]) + Number(fields[12]));
      } catch {
        // It is gone.
      }
    }
    return times;
  };

  return {
    environment,
    ids: async () => new Set((await work()).keys()),
    busiest: async (task, known) => {
      const before = await work();
      await task();
      await wait(1000);
      const after = await work();
      const [first] = [...after]
        .filter(([id]) => !known.has(id))
        .toSorted(
          ([one, time], [other, otherTime]) => otherTime - (before.get(other) ?? 0) - (time - (before.get(one) ?? 0)),
        );
      if (first === undefined) throw new Error('No process has come with the tab.');
      return first[0];
    },
  };
}
