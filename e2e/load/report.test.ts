import { describe, expect, test } from 'vitest';
import { suspect } from './bottleneck.ts';
import { htmlReport } from './html-report.ts';
import { sourceAddresses, whyImpossible } from './limits.ts';
import { readMetrics } from './server-sample.ts';
import { summarise } from './summary.ts';
import { niceTop, svgChart } from './svg-chart.ts';
import { statusBlock, statusLine, Terminal } from './terminal.ts';
import { makeFigures } from './testing/make-figures.ts';
import { textReport } from './text-report.ts';
import { type Sample, Timeline } from './timeline.ts';
import { DEFAULT_THRESHOLDS, judge } from './verdict.ts';

const sample = (atMs: number, changes: Partial<Sample> = {}): Sample => ({
  atMs,
  stage: 'hold',
  wanted: 500,
  open: 498,
  inPerS: 500,
  outPerS: 120_000,
  bytesPerS: 40e6,
  openedPerS: 0,
  resumedPerS: 2,
  churnedPerS: 20,
  latency: { p50Ms: 20, p95Ms: 40, p99Ms: 60 },
  lost: 0,
  repeated: 0,
  errors: 0,
  churned: 0,
  clientLoopMs: 4,
  clientCpu: 0.1,
  clientCpuMax: 0.1,
  machineBusy: 0.3,
  server: { cpuShare: 0.4, rssBytes: 200 * 1024 * 1024 },
  ...changes,
});

describe('the report', () => {
  const figures = makeFigures({
    examples: { connect: '<script>alert(1)</script>' },
    counts: { ...makeFigures().counts, connect: 1 },
  });
  const [summary, verdict, suspicion] = [summarise(figures), judge(figures, DEFAULT_THRESHOLDS), suspect(figures, 4)];

  test('on the page needs nothing from elsewhere and runs nothing', () => {
    const samples = [sample(1000), sample(2000), sample(3000, { latency: undefined })];
    const page = htmlReport({
      title: 'T & Co',
      startedAt: new Date(0),
      summary,
      verdict,
      suspicion,
      samples,
      settings: [],
      machine: [],
    });
    expect(page).not.toMatch(/<script|src=|href=|url\(|https?:/);
    expect(page).toContain('T &#38; Co');
    expect(page).toContain('1970-01-01 00:00:00 UTC');
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(8);
    expect(page).not.toContain('NaN');
  });

  test('on the terminal ends with one word', () => {
    const text = textReport(summary, verdict, suspicion);
    expect(text.trimEnd().split('\n').at(-1)).toBe('PASSED');
    expect(text).toContain('✓ events lost');
    expect(text).toContain('No bottleneck found');
  });
});

describe('a chart', () => {
  test('leaves a hole where nothing was measured', () => {
    const lines = [{ name: 'a', color: 1, values: [1, 2, undefined, 4] }];
    const svg = svgChart({ title: 'T', unit: 'ms', atS: [0, 1, 2, 3], marks: [], lines });
    const [, path = ''] = /class="line line-1" d="([^"]*)"/.exec(svg) ?? [];
    expect(path.match(/[ML]/g)).toEqual(['M', 'L', 'M']);
  });

  test('reaches up to the next round number', () => {
    expect([0, 0.03, 1, 505, 1001, 7.9].map(niceTop)).toEqual([1, 0.03, 1, 600, 1200, 8]);
  });
});

describe('the terminal', () => {
  test('redraws its block in place', () => {
    const pieces: string[] = [];
    const output = { isTTY: true, columns: 80, write: (piece: string | Uint8Array) => pieces.push(String(piece)) > 0 };
    const terminal = new Terminal(output, 60_000);
    terminal.show(sample(1000));
    terminal.show(sample(2000));
    const height = statusBlock(sample(1000), 60_000).length;
    expect(pieces.join('').split(`\x1b[${height}A`)).toHaveLength(2);
  });

  test('elsewhere writes a line every five seconds', () => {
    const lines: string[] = [];
    const terminal = new Terminal({ write: (piece) => lines.push(String(piece)) > 0 }, 60_000);
    for (let second = 1; second <= 12; second += 1) terminal.show(sample(second * 1000));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(`${statusLine(sample(1000))}\n`);
  });
});

test('a timeline keeps a bounded number of seconds, spread over all of the run', () => {
  const timeline = new Timeline();
  for (let second = 0; second < 50_000; second += 1) timeline.push(sample(second * 1000));
  expect(timeline.samples.length).toBeLessThanOrEqual(7200);
  expect(timeline.samples[0]?.atMs).toBe(0);
  expect(timeline.samples.at(-1)?.atMs).toBeGreaterThan(49_900_000);
});

describe('limits', () => {
  test('what the descriptors allow is possible, one more is refused with a way out', () => {
    const run = { workers: 1, ownServer: false };
    expect(whyImpossible({ ...run, streams: 3700 }, 4000)).toBeUndefined();
    expect(whyImpossible({ ...run, streams: 3701 }, 4000)).toMatch(/3701; use --workers 2 or raise the limit/);
    expect(whyImpossible({ ...run, workers: 2, streams: 3701 }, 4000)).toBeUndefined();
    expect(whyImpossible({ streams: 3701, workers: 2, ownServer: true }, 4000)).toMatch(/a server on this machine/);
    expect(whyImpossible({ ...run, streams: 1e6 }, undefined)).toBeUndefined();
  });

  test('more source addresses are used when one has not ports enough', () => {
    expect(sourceAddresses(25_000, '127.0.0.1')).toEqual([]);
    expect(sourceAddresses(25_001, '127.0.0.1')).toEqual(['127.0.0.2', '127.0.0.3']);
    expect(sourceAddresses(60_000, '10.0.0.1')).toEqual([]);
  });
});

test('metrics are read by name, absent ones are absent', () => {
  const text = 'tailrace_connections 12\ntailrace_nodejs_eventloop_lag_p99_seconds 0.0125\nother 3\n';
  expect(readMetrics(text)).toEqual({ connections: 12, loopDelayP99Ms: 12.5 });
});
