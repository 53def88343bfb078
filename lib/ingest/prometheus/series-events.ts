import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  type Attributes,
  type MetricInput,
  NAME_CHARS_MAX,
} from '@/lib/core/event.ts';
import { describeSample } from '@/lib/core/prometheus-names.ts';
import { exceedsBytes } from '@/lib/core/text.ts';
import { timeInput } from '@/lib/core/time-input.ts';
import { type NativeHistogram, quantileOf } from './native-histogram.ts';
import type { Sample, Series } from './series.ts';

const SERVICE_LABELS = ['job', 'service', 'service_name'];
/** What a native histogram adds to its name: its series has to fit as well. */
const SUFFIX_CHARS_MAX = 6;
/** Percentiles of a native histogram. Its buckets change their number and bounds, and would make ever new series. */
const QUANTILES = [0.5, 0.9, 0.99];

/** A series that an event can be made of: what its labels say in words that events have. */
export type NamedSeries = {
  readonly name: string;
  readonly service: string | undefined;
  readonly attributes: Attributes;
  readonly family: Series['family'];
};

/** Returns the sentence that says what is wrong with a series, once for all its points. */
export function nameSeries({ labels, family, broken }: Series, common: Attributes): NamedSeries | string {
  if (broken !== undefined) return broken;
  const rest = new Map(labels);
  const name = rest.get('__name__');
  if (!name) return 'a series: expected a label __name__';
  if (name.length > NAME_CHARS_MAX - SUFFIX_CHARS_MAX) {
    return `__name__: expected at most ${NAME_CHARS_MAX - SUFFIX_CHARS_MAX} characters, got ${name.length}`;
  }
  rest.delete('__name__');
  const serviceLabel = SERVICE_LABELS.find((label) => {
    const value = rest.get(label);
    return value !== undefined && value !== '' && value.length <= NAME_CHARS_MAX;
  });
  const service = serviceLabel === undefined ? undefined : rest.get(serviceLabel);
  if (serviceLabel !== undefined) rest.delete(serviceLabel);
  // fromEntries defines own properties, so a label "__proto__" stays data.
  const attributes = { ...common, ...Object.fromEntries(rest) };
  return whyNotAttributes(name, attributes) ?? { name, service, attributes, family };
}

/** Asked here, once a series: what `prepareEvent` would refuse for each point is told apart by kind in the answer. */
function whyNotAttributes(name: string, attributes: Attributes): string | undefined {
  const entries = Object.entries(attributes);
  // One more has to fit for the quantile of a native histogram.
  if (entries.length >= ATTRIBUTES_MAX)
    return `${name}: expected less than ${ATTRIBUTES_MAX} labels, got ${entries.length}`;
  for (const [key, value] of entries) {
    if (key.length > ATTRIBUTE_KEY_CHARS_MAX) {
      return `${name}: expected labels of at most ${ATTRIBUTE_KEY_CHARS_MAX} characters, got one of ${key.length}`;
    }
    if (exceedsBytes(String(value), ATTRIBUTE_VALUE_BYTES_MAX)) {
      return `${name}{${key.slice(0, 60)}}: expected at most ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`;
    }
  }
  return undefined;
}

/** Undefined for NaN and ±Inf, which JSON does not have. */
export function sampleEvent(
  { name, service, attributes, family }: NamedSeries,
  sample: Sample,
): MetricInput | undefined {
  if (!Number.isFinite(sample.value)) return undefined;
  const { timeMs, value } = sample;
  return { kind: 'metric', time: timeInput(timeMs), name, value, service, attributes, ...describeSample(name, family) };
}

/**
 * A native histogram as the events of a classic one without buckets, count and sum, and as those of a summary: quantiles
 * over all that it has counted, each in its own series.
 */
export function* histogramEvents(series: NamedSeries, histogram: NativeHistogram): Iterable<MetricInput> {
  const { name, service, attributes, family } = series;
  const { unit } = describeSample(name, family);
  const common = { kind: 'metric' as const, time: timeInput(histogram.timeMs), service };
  const type = histogram.isGauge ? ('gauge' as const) : ('counter' as const);
  if (Number.isFinite(histogram.count)) {
    yield { ...common, name: `${name}_count`, value: histogram.count, type, unit: '1', attributes };
  }
  if (Number.isFinite(histogram.sum))
    yield { ...common, name: `${name}_sum`, value: histogram.sum, type, unit, attributes };
  for (const share of QUANTILES) {
    const value = quantileOf(histogram, share);
    if (value === undefined || !Number.isFinite(value)) continue;
    const labelled = { ...attributes, quantile: String(share) };
    yield { ...common, name, value, type: 'gauge', unit, attributes: labelled };
  }
}
