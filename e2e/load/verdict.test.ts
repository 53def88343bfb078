import { describe, expect, test } from 'vitest';
import { makeFigures } from './testing/make-figures.ts';
import { DEFAULT_THRESHOLDS, judge } from './verdict.ts';

const failed = (changes: Parameters<typeof makeFigures>[0]): string[] =>
  judge(makeFigures(changes), DEFAULT_THRESHOLDS).checks.flatMap(({ what, passed }) => (passed === false ? what : []));
const { counts, latency, server, storms } = makeFigures();
const [storm] = storms;
if (!storm?.herd) throw new Error('figures without a storm');

describe('the verdict', () => {
  test('a run in which nothing went wrong passes', () => {
    expect(judge(makeFigures(), DEFAULT_THRESHOLDS).passed).toBe(true);
  });

  test.each([
    ['one lost event', { counts: { ...counts, lost: 1 } }, 'events lost'],
    ['one repeated event', { counts: { ...counts, repeated: 1 } }, 'events repeated'],
    [
      'a gap that was told',
      { counts: { ...counts, missed: 3 } },
      'events told as missed, streams told to start afresh',
    ],
    [
      'a stream that started afresh',
      { counts: { ...counts, resets: 1 } },
      'events told as missed, streams told to start afresh',
    ],
    ['a viewer that never got the last event', { unsettled: 1 }, 'viewers without the last event'],
    ['a slow percentile', { latency: { ...latency, p99Ms: 501 } }, 'latency p99'],
    ['more than a per cent of errors', { errorPercent: 1.01 }, 'errors'],
    ['a viewer that did not come back', { storms: [{ ...storm, recovered: 499 }] }, 'storm: all 500 back'],
    ['a storm that took too long', { storms: [{ ...storm, lastS: 15.1 }] }, 'storm: all 500 back'],
    [
      'a herd',
      { storms: [{ ...storm, herd: { returned: 500, peakPerSecond: 400, factor: 2.1 } }] },
      'storm: busiest second ÷ mean',
    ],
    ['a connection left behind', { server: { ...server, connectionsLeft: 1 } }, 'connections left behind'],
    ['a leak', { server: { ...server, leaked: 1 } }, 'resources leaked'],
    [
      'memory that climbs',
      { memory: { slope: { perUnit: 1000, error: 400 }, perThousandConnects: 1 } },
      'memory climbs',
    ],
    ['a run that was stopped', { stopped: 'Ctrl-C' }, 'the run'],
  ])('%s fails it, by name', (_what, changes, name) => {
    expect(failed(changes)).toEqual([name]);
  });

  test('values at their threshold pass', () => {
    const at = { latency: { ...latency, p99Ms: 500 }, errorPercent: 1, storms: [{ ...storm, lastS: 15 }] };
    expect(failed(at)).toEqual([]);
  });

  test('thresholds can be moved', () => {
    const figures = makeFigures({ counts: { ...counts, lost: 3 } });
    expect(judge(figures, { ...DEFAULT_THRESHOLDS, lost: 3 }).passed).toBe(true);
  });

  test('what could not be measured is said and not judged', () => {
    const { leaked: _leaked, connectionsLeft: _left, ...rest } = server;
    const few = { ...storm, herd: { returned: 20, peakPerSecond: 20, factor: 3 } };
    const verdict = judge(
      makeFigures({ server: rest, unsettled: undefined, latency: { ...latency, samples: 0 }, storms: [few] }),
      DEFAULT_THRESHOLDS,
    );
    expect(verdict.passed).toBe(true);
    expect(verdict.checks.filter(({ passed }) => passed === undefined)).toHaveLength(5);
  });
});
