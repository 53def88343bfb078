import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChartSeries } from '@/lib/client/state.ts';
import { groupSeries, LINES_MAX } from './group-series.ts';

function series(name: string, over: Partial<ChartSeries> = {}): ChartSeries {
  const whole = { service: 'host', name, unit: '1', type: 'gauge' as const, labels: '', points: [], ...over };
  return { ...whole, key: JSON.stringify([whole.service, whole.name, whole.labels]) };
}
const titles = (all: readonly ChartSeries[]) =>
  groupSeries(all).map(({ service, charts }) => [service, charts.map((each) => each.title)]);

describe('groupSeries', () => {
  test('the host comes first, and its families in the order people look at them', () => {
    const all = [series('requests', { service: 'api' }), series('disk.usage'), series('uptime'), series('cpu.usage')];
    expect(titles(all)).toEqual([
      ['host', ['cpu.usage', 'disk.usage', 'uptime']],
      ['api', ['requests']],
    ]);
  });

  test('a total comes before its parts', () => {
    const core = series('cpu.core.usage', { labels: '{"core":0}' });
    expect(titles([core, series('cpu.usage')])).toEqual([['host', ['cpu.usage', 'cpu.core.usage']]]);
  });

  test('series of one name with different labels share a chart, in numeric order', () => {
    const cores = [10, 2, 0].map((core) => series('cpu.core.usage', { labels: JSON.stringify({ core }) }));
    const [chart] = groupSeries(cores)[0]?.charts ?? [];
    expect(chart?.lines.map((line) => line.label)).toEqual(['0', '2', '10']);
  });

  test('siblings of one unit share a chart, of different units do not', () => {
    const all = [
      series('load.1m'),
      series('load.5m'),
      series('memory.used', { unit: 'By' }),
      series('memory.usage', { unit: '%' }),
    ];
    expect(titles(all)).toEqual([['host', ['load', 'memory.usage', 'memory.used']]]);
  });

  test('a chart draws a bounded number of lines and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, index) => series('queue', { labels: JSON.stringify({ index }) }));
    const [chart] = groupSeries(many)[0]?.charts ?? [];
    expect([chart?.lines.length, chart?.more]).toEqual([LINES_MAX, 18]);
  });

  test('a counter is drawn in its unit a second', () => {
    const [chart] = groupSeries([series('bytes', { unit: 'By', type: 'counter' })])[0]?.charts ?? [];
    expect(chart).toMatchObject({ unit: 'By/s', counter: true });
  });

  test('every series has its place, and the order of arrival changes nothing', () => {
    const names = fc.constantFrom('a', 'a.b', 'a.c', 'cpu.x', 'cpu.y', 'load');
    const some = fc.uniqueArray(
      fc.record({ name: names, unit: fc.constantFrom('1', 'By'), labels: fc.constantFrom('', '{"n":1}', '{"n":2}') }),
      { selector: JSON.stringify, maxLength: 20 },
    );
    fc.assert(
      fc.property(some, (parts) => {
        const all = parts.map((part) => series(part.name, part));
        const grouped = groupSeries(all);
        const placed = grouped.flatMap(({ charts }) => charts.flatMap((chart) => chart.lines.length + chart.more));
        expect(placed.reduce((sum, count) => sum + count, 0)).toBe(all.length);
        expect(groupSeries([...all].reverse())).toEqual(grouped);
        const keys = grouped.flatMap(({ charts }) => charts.map((chart) => chart.key));
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { seed: 1 },
    );
  });
});
