import { RANGES, type RangeKey } from '@/lib/client/state.ts';
import { FILTER_SERVICES_MAX } from '@/lib/core/filter.ts';

export const RANGE_KEYS = Object.keys(RANGES) as RangeKey[];
export const RANGE_DEFAULT: RangeKey = '5m';

export type MetricAddress = { readonly range: RangeKey; readonly services: readonly string[] };

/** Reads the metric screen's choices; what cannot be read falls back to the default. */
export function metricAddress(query: {
  get(name: string): string | null;
  getAll(name: string): string[];
}): MetricAddress {
  const range = RANGE_KEYS.find((key) => key === query.get('range')) ?? RANGE_DEFAULT;
  const services = [...new Set(query.getAll('service').filter((service) => service !== ''))];
  return { range, services: services.slice(0, FILTER_SERVICES_MAX) };
}

export function addressOfMetrics({ range, services }: MetricAddress): string {
  const query = new URLSearchParams();
  if (range !== RANGE_DEFAULT) query.set('range', range);
  for (const service of services) query.append('service', service);
  const text = query.toString();
  return text === '' ? '/metrics' : `/metrics?${text}`;
}
