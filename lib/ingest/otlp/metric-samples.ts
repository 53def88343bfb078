import type { Attributes, MetricInput, MetricType } from '@/lib/core/event.ts';
import { Refused } from '../http-protocol.ts';
import type { MetricMemory } from './metric-memory.ts';
import { timeOf } from './origin-fields.ts';
import { DELTA, type Temporality } from './otlp-model.ts';
import { REMEMBERED_MAX } from './running-totals.ts';

/** One point on its way to samples: what all of them have in common. */
export type PointContext = {
  readonly name: string;
  readonly unit: string;
  readonly service: string | undefined;
  readonly labels: Attributes;
  readonly startNanos: number;
  readonly timeNanos: number;
  readonly temporality: Temporality;
  readonly memory: MetricMemory;
};

type Sampled = Generator<MetricInput | Refused>;

type Part = { value: number; type: MetricType; suffix?: string; unit?: string };

/** A number that grows from point to point, whichever way it is sent. */
export function* running(context: PointContext, part: Part): Sampled {
  const { temporality, startNanos, timeNanos, memory, service = '', name, labels } = context;
  const key = JSON.stringify([service, name + (part.suffix ?? ''), labels]);
  if (temporality === DELTA) {
    const total = timeNanos > 0 ? memory.totals.add(key, { startNanos, timeNanos, delta: part.value }) : 'untimed';
    if (total === 'untimed' || total === 'too-late') yield new Refused(`${name}: ${UNUSABLE_DELTA[total]}`);
    else if (total) yield* fromZero(context, { ...part, value: total.value }, total.beginsNanos);
    return;
  }
  const begins = part.type === 'counter' ? memory.begins.of(key, { startNanos, timeNanos }) : undefined;
  yield* fromZero(context, part, begins);
}

/** A counter's chart is its slope: without the zero that it began with its first step would not be seen. */
function* fromZero(context: PointContext, part: Part, beginsNanos: number | undefined): Sampled {
  if (beginsNanos !== undefined) yield sample({ ...context, timeNanos: beginsNanos }, { ...part, value: 0 });
  yield sample(context, part);
}

const UNUSABLE_DELTA = {
  untimed: 'a delta without a time cannot be told from a retry; send timeUnixNano',
  'too-late': `a delta came after ${REMEMBERED_MAX} later ones of its series: it may be in the total already`,
};

export function sample(context: PointContext, { value, type, suffix = '', unit = context.unit }: Part): MetricInput {
  const { name, service, labels } = context;
  const time = timeOf(context.timeNanos);
  return {
    kind: 'metric',
    name: name + suffix,
    value,
    type,
    ...(unit && { unit }),
    ...(service && { service }),
    ...(time !== undefined && { time }),
    attributes: labels,
  };
}

/** JSON has no NaN and no infinity, and a chart has no place for them. */
export function notFinite({ name }: PointContext, values: Record<string, number | undefined>): Refused | undefined {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) return new Refused(`${name}: ${key}: expected a number, got none`);
    if (!Number.isFinite(value)) return new Refused(`${name}: ${key}: expected a finite number, got ${value}`);
  }
  return undefined;
}
