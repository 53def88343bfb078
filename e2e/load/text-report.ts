import type { Suspicion } from './bottleneck.ts';
import type { Summary } from './summary.ts';
import type { Check, Verdict } from './verdict.ts';

/** The end of a run on the terminal. */
export function textReport(summary: Summary, verdict: Verdict, suspicion: Suspicion): string {
  const width = Math.max(...summary.flatMap(({ rows }) => rows.map(([name]) => name.length)));
  const groups = summary.flatMap(({ title, rows }) => [
    title,
    ...rows.map(([name, value]) => `  ${name.padEnd(width + 2)}${value}`),
    '',
  ]);
  return [
    '',
    ...groups,
    'Thresholds',
    ...checkLines(verdict.checks),
    '',
    suspicion.sentence,
    '',
    verdict.passed ? 'PASSED' : 'FAILED',
    '',
  ].join('\n');
}

function checkLines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ what }) => what.length)) + 2;
  return checks.map(({ what, value, limit, passed }) => {
    const sign = passed === undefined ? '–' : passed ? '✓' : '✗';
    return `  ${sign} ${what.padEnd(width)}${value}  (${limit})`;
  });
}
