/** Runs suites, all or those named on the command line, and ends with their counts on a line. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { check } from './check.js';

const suites =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['check', 'unit', 'simulation', 'browser', 'e2e', 'package', 'scenarios'];

/** Milliseconds that one suite may take: a test that loops for ever cannot be timed out from within. */
const TIME_LIMIT = 20 * 60_000;

/** Runs one project of vite.config.ts. No tests, or an error outside of them, counts as a failure. */
function runVitest(project) {
  const report = `.cache/test/${project}.json`;
  rmSync(report, { force: true });
  const { status, error } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'], timeout: TIME_LIMIT, killSignal: 'SIGKILL' },
  );
  const counts = readReport(report);
  if (counts.passed + counts.failed + counts.skipped === 0 || (status !== 0 && counts.failed === 0)) {
    failures.push(`${project}: ${error?.message ?? `vitest ended with ${status}`}, without a failed test.`);
    counts.failed += 1;
  }
  return counts;
}

/** The counts of vitest's JSON report, and what failed. A file that cannot be loaded counts as a failure. */
function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const broken = report.testResults.filter(
      (result) => result.status === 'failed' && result.assertionResults.length === 0,
    );
    for (const { name, message } of broken) failures.push(`${name}: ${message}`);
    for (const { assertionResults } of report.testResults) {
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status === 'failed') failures.push(`${fullName}: ${failureMessages.join('\n')}`);
      }
    }
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const suite of suites) {
  console.log(`\n${suite}`);
  const counts = suite === 'check' ? await check() : runVitest(suite);
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
  if (suite === 'check' && counts.failed > 0) failures.push('check: what is marked with ✗ above.');
}
// Said once more at the end: of a long output the end is what is read, and sometimes all that is kept.
for (const failure of failures) console.log(`\nFailed: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
