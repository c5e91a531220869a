/** The static checks: the scripts of package.json whose names begin with `check:`, and the build. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const needBuild = ['check:package', 'check:size'];
const environment = { ...process.env, PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH}` };

/** Runs one script of package.json without npm around it. Tells how it went in one line, and its output if it failed. */
function run(name) {
  const began = performance.now();
  let output = '';
  return new Promise((settle) => {
    const child = spawn(scripts[name], { shell: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${code === 0 ? '✓' : '✗'} ${name.replace('check:', '').padEnd(12)} ${seconds.padStart(5)} s`);
      if (code !== 0) console.log(`\n${output}`);
      settle(code === 0);
    });
  });
}

/** Runs all of them, as many at a time as there are processors. Resolves with the counts. */
export async function check() {
  const names = Object.keys(scripts).filter((name) => name.startsWith('check:') && !needBuild.includes(name));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let built;
  const queue = ['build', ...names];
  const next = async () => {
    const name = queue.shift();
    if (name === undefined) return;
    const passed = await run(name);
    counts[passed ? 'passed' : 'failed'] += 1;
    if (name === 'build') {
      built = passed;
      if (built) queue.unshift(...needBuild);
      else counts.skipped += needBuild.length;
    }
    return next();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
  return counts;
}
