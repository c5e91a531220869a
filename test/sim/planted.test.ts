/** Whether the judges judge: the core with one line broken has to be caught. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Where the copies lie: inside the repository, so that they find its packages. */
const COPIES = '.cache/planted';

test.each([
  {
    name: 'a commit that does not look at the generation',
    file: 'src/core/outcomes.ts',
    from: 'isFenced = !isAt(stored, epoch, generation) || !isOurs();',
    to: 'isFenced = false;',
  },
  {
    name: 'a claim that does not look at the generation',
    file: 'src/core/claim.ts',
    from: "if (!isAt(record, ask.epoch, ask.generation)) return { do: 'adopt' };",
    to: "if (record === undefined) return { do: 'adopt' };",
  },
])('$name is caught', { timeout: 120_000 }, ({ file, from, name, to }) => {
  const copy = `${COPIES}/${name.replaceAll(' ', '-')}`;
  for (const part of ['src', 'test/sim', 'tsconfig.json']) cpSync(part, `${copy}/${part}`, { recursive: true });
  const source = readFileSync(`${copy}/${file}`, 'utf8');
  expect(source).toContain(from);
  writeFileSync(`${copy}/${file}`, source.replace(from, to));
  const { status, stdout } = spawnSync(
    process.execPath,
    ['test/sim/start.js', '--root', copy, '--seeds', '400', '--stop', '--lines', '5'],
    { encoding: 'utf8' },
  );
  rmSync(copy, { recursive: true });
  expect({ status, stdout }).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('breaks invariant') as string,
  });
});
