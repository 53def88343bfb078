import type { Attributes, MetricInput, MetricType } from '@/lib/core/event.ts';

/** One value of a sample, before it is given its time and service. `unit` is UCUM-like: '%', 'By', 'By/s', 's', 'ms', '1'. */
export type SampledMetric = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly type?: MetricType;
  readonly attributes?: Attributes;
};

/** Leaves out what is not a finite number: a missing reading is absent, never a made-up zero. */
export function toMetricEvents(metrics: readonly SampledMetric[], service: string, timeMs: number): MetricInput[] {
  const events: MetricInput[] = [];
  for (const { name, value, unit, type = 'gauge', attributes } of metrics) {
    if (!Number.isFinite(value)) continue;
    events.push({
      kind: 'metric',
      time: timeMs,
      service,
      name,
      value: round(value),
      unit,
      type,
      ...(attributes && { attributes }),
    });
  }
  return events;
}

/** Three decimals are beyond what any of these readings knows, and digits cost bytes in every copy of the event. */
function round(value: number): number {
  return Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
}
