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

/** Labels that name the service: the greater number rather than the others. */
const SERVICE_RANKS: ReadonlyMap<string, number> = new Map([
  ['service_name', 1],
  ['service', 2],
  ['job', 3],
]);
/** What a native histogram adds to its name: its series has to fit as well. */
const SUFFIX_CHARS_MAX = 6;
/** Percentiles of a native histogram. Its buckets change their number and bounds, and would make ever new series. */
const QUANTILES = [0.5, 0.9, 0.99];

/** A series that an event can be made of: what its labels say in words that events have. */
export type NamedSeries = {
  readonly name: string;
  readonly service: string | undefined;
  readonly attributes: Attributes;
  /** Of a sample by its name; parts of a histogram have types of their own. */
  readonly described: Pick<MetricInput, 'type' | 'unit'>;
};

/** Returns the sentence that says what is wrong with a series, once for all its points. */
export function nameSeries({ labels, family, broken }: Series, common: Attributes): NamedSeries | string {
  if (broken !== undefined) return broken;
  let name = '';
  let service: string | undefined;
  let serviceLabel = '';
  const attributes: Attributes = { ...common };
  for (const [label, value] of labels) {
    if (label === '__name__') name = value;
    else if (outranks(label, serviceLabel) && value !== '' && value.length <= NAME_CHARS_MAX) {
      if (service !== undefined) attributes[serviceLabel] = service;
      service = value;
      serviceLabel = label;
    } else define(attributes, label, value);
  }
  const wrong = whyNot(name, attributes);
  return wrong ?? { name, service, attributes, described: describeSample(name, family) };
}

/** Whether one label names the service rather than another: labels come in any order. */
function outranks(label: string, other: string): boolean {
  return (SERVICE_RANKS.get(label) ?? 0) > (SERVICE_RANKS.get(other) ?? 0);
}

/** Assigning to `__proto__` would change what the object is. */
function define(attributes: Attributes, name: string, value: string): void {
  if (name !== '__proto__') attributes[name] = value;
  else Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Asked here, once a series: what `prepareEvent` would refuse for each point is told apart by kind in the answer. */
function whyNot(name: string, attributes: Attributes): string | undefined {
  if (name === '') return 'a series: expected a label __name__';
  if (name.length > NAME_CHARS_MAX - SUFFIX_CHARS_MAX) {
    return `__name__: expected at most ${NAME_CHARS_MAX - SUFFIX_CHARS_MAX} characters, got ${name.length}`;
  }
  let count = 0;
  for (const key in attributes) {
    count += 1;
    if (key.length > ATTRIBUTE_KEY_CHARS_MAX) {
      return `${name}: expected labels of at most ${ATTRIBUTE_KEY_CHARS_MAX} characters, got one of ${key.length}`;
    }
    if (exceedsBytes(String(attributes[key]), ATTRIBUTE_VALUE_BYTES_MAX)) {
      return `${name}{${key.slice(0, 60)}}: expected at most ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`;
    }
  }
  // One more has to fit for the quantile of a native histogram.
  return count < ATTRIBUTES_MAX ? undefined : `${name}: expected less than ${ATTRIBUTES_MAX} labels, got ${count}`;
}

/** Undefined for NaN and ±Inf, which JSON does not have. */
export function sampleEvent(
  { name, service, attributes, described }: NamedSeries,
  sample: Sample,
): MetricInput | undefined {
  if (!Number.isFinite(sample.value)) return undefined;
  const { timeMs, value } = sample;
  return { kind: 'metric', time: timeInput(timeMs), name, value, service, attributes, ...described };
}

/**
 * A native histogram as the events of a classic one without buckets, count and sum, and as those of a summary: quantiles
 * over all that it has counted, each in its own series.
 */
export function* histogramEvents(series: NamedSeries, histogram: NativeHistogram): Iterable<MetricInput> {
  const { name, service, attributes, described } = series;
  const { unit } = described;
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
