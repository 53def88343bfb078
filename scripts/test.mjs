// `npm test`: everything a fresh machine can run. Ends with one line that counts all tests.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll, generateClient } from './build.mjs';
import { runStep } from './run-step.mjs';

const reports = mkdtempSync(join(tmpdir(), 'tailrace-reports-'));
const report = (name) => join(reports, `${name}.json`);
const vitest = (project) => [
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${report(project)}`,
];

generateClient();
const results = [
  runStep('format, lint, import directions, circles, sizes', 'biome', ['ci', '--error-on-warnings', '.']),
  runStep('types', 'tsc', ['--noEmit']),
  runStep('unit tests', 'vitest', vitest('unit')),
];
await buildAll();
results.push(runStep('integration tests', 'vitest', vitest('integration')));
results.push(
  runStep('browser tests', 'playwright', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report('browser'),
  }),
);

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of ['unit', 'integration']) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report(name), 'utf8'));
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests;
}
const { stats } = JSON.parse(readFileSync(report('browser'), 'utf8'));
total.passed += stats.expected + stats.flaky;
total.failed += stats.unexpected;
total.skipped += stats.skipped;
rmSync(reports, { recursive: true, force: true });

process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
// CI sets all that a suite could need, so there nothing may be skipped.
const skippedInCi = process.env.CI === 'true' && total.skipped > 0;
process.exit(results.every(Boolean) && total.failed === 0 && !skippedInCi ? 0 : 1);
