import { expect, test } from 'vitest';
import { RefusedSeries } from './refused-series.ts';
import { SeriesRegistry } from './series-registry.ts';

const sample = (name: string, labels: string) => ({ name, labels, value: 1, type: 'gauge', unit: '1' }) as const;

test('what finds no room is counted by samples and by series, and the worst metrics are named', () => {
  const registry = new SeriesRegistry(1);
  registry.resolve('api', sample('kept', ''));
  for (let round = 0; round < 3; round += 1) {
    for (let user = 0; user < 50; user += 1) registry.resolve('api', sample('by.user', `{"user":"${user}"}`));
    registry.resolve('shop', sample('queue', ''));
    registry.resolve('api', sample('kept', ''));
  }
  expect(registry.refused).toBe(153);
  expect(registry.uncharted).toEqual({
    samples: 153,
    series: 51,
    hasMoreSeries: false,
    worst: [
      { service: 'api', name: 'by.user', samples: 150 },
      { service: 'shop', name: 'queue', samples: 3 },
    ],
  });
});

test('more series than can be told apart are said to be more', () => {
  const refused = new RefusedSeries();
  for (let series = 0; series < 10_001; series += 1) refused.add('api', 'm', `api\nm\n{"id":"${series}"}`);
  expect(refused.report()).toMatchObject({ samples: 10_001, series: 10_000, hasMoreSeries: true });
  refused.add('api', 'm', 'api\nm\n{"id":"0"}');
  expect(refused.report().samples).toBe(10_002);
});

test('the names of metrics are bounded, the counts are whole', () => {
  const refused = new RefusedSeries();
  for (let metric = 0; metric < 1000; metric += 1) refused.add('api', `m${metric}`, `api\nm${metric}\n`);
  expect(refused.report()).toMatchObject({ samples: 1000, series: 1000 });
  expect(refused.report().worst).toHaveLength(200);
});
