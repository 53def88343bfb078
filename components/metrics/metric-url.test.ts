import { expect, test } from 'vitest';
import { addressOfMetrics, metricAddress, RANGE_KEYS } from './metric-url.ts';

const read = (query: string) => metricAddress(new URLSearchParams(query));

test('range and services come back as they were written', () => {
  for (const range of RANGE_KEYS) {
    const choice = { range, services: ['api', 'a&b'] };
    expect(read(addressOfMetrics(choice).split('?')[1] ?? '')).toEqual(choice);
  }
});

test('an unknown range is the default one, and the default needs no address', () => {
  expect(read('range=toString')).toEqual({ range: '5m', services: [] });
  expect(addressOfMetrics(read(''))).toBe('/metrics');
});
