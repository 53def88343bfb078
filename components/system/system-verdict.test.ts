import { describe, expect, test } from 'vitest';
import type { BreakerReport, SystemReport, SystemSample } from '@/lib/wire/system-pages.ts';
import { systemVerdict } from './system-verdict.ts';
import { calmReport, sample } from './testing/system-report.ts';

const said = (report: SystemReport, samples: readonly SystemSample[] = []) => {
  const { tone, state, reasons } = systemVerdict(report, samples);
  return [tone, [state, ...reasons]];
};
const breaker = (state: BreakerReport['state'], name = 'history'): BreakerReport => ({
  ...{ name, state, sinceMs: 0, calls: 10, failures: 10, slow: 0, opened: 1 },
});
const lasting = (values: Parameters<typeof sample>[1]) => [0, 1, 2, 3, 4].map((second) => sample(second, values));

describe('The verdict', () => {
  test('is healthy when nothing is the matter', () => {
    expect(said(calmReport(), lasting({ cpu: 20, rssBytes: 500 }))).toEqual(['good', ['Healthy']]);
  });

  test('names what strains the server, and the limit', () => {
    expect(said(calmReport(), lasting({ loopDelayP99Ms: 120, cpu: 75 }))).toEqual([
      'warn',
      ['Strained', 'CPU 75 % (warn 70 %)', 'event loop delay p99 120 ms (warn 100 ms)'],
    ]);
  });

  test('puts what is alarming before what is a strain', () => {
    expect(said(calmReport(), lasting({ cpu: 75, errorPercent: 6 }))).toEqual([
      'bad',
      ['Alarming', 'errors 6 % (alarm 5 %)', 'CPU 75 % (warn 70 %)'],
    ]);
  });

  test('judges memory by the soft limit', () => {
    expect(said(calmReport(), lasting({ rssBytes: 950 }))).toEqual([
      'warn',
      ['Strained', 'memory (RSS) 950 B (warn 900 B)'],
    ]);
  });

  test('puts a history that is away before everything, and says how many events wait for it', () => {
    const report = calmReport({ breakers: [breaker('open')], held: { events: 1204, eventsMax: 20_000 } });
    expect(said(report, lasting({ errorPercent: 6, heldEvents: 1204 }))).toEqual([
      'bad',
      ['History away', '1,204 events held, not stored yet', 'errors 6 % (alarm 5 %)'],
    ]);
  });

  test('says when no more events can be held', () => {
    const report = calmReport({ breakers: [breaker('half-open')], held: { events: 10, eventsMax: 10 } });
    expect(said(report)).toEqual([
      'bad',
      ['History away', '10 events held, not stored yet, no more fit: senders are told to come again'],
    ]);
  });

  test('says that the history is away before anything had to be held', () => {
    expect(said(calmReport({ breakers: [breaker('open')] }))).toEqual([
      'bad',
      ['History away', 'no event held so far'],
    ]);
  });

  test('is no more than strained while a history that is back stores what was held', () => {
    const report = calmReport({ breakers: [breaker('closed')], held: { events: 1, eventsMax: 10 } });
    expect(said(report)).toEqual(['warn', ['History catching up', '1 event held, not stored yet']]);
  });

  test('names another dependency that is away, which holds no events', () => {
    expect(said(calmReport({ breakers: [breaker('closed'), breaker('open', 'backbone')] }))).toEqual([
      'bad',
      ['Backbone away', 'calls fail at once'],
    ]);
  });

  test('is alarming while memory is given back, and when something leaked', () => {
    const report = calmReport({
      memory: { softMaxBytes: 1000, shed: 'refuse-new', sheds: 1 },
      ledger: { held: {}, leaked: 2, leaks: [] },
    });
    expect(said(report)).toEqual([
      'bad',
      ['Alarming', 'memory is short, new connections are refused', '2 resources leaked'],
    ]);
  });
});
