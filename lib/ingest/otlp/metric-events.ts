import { type Attributes, type MetricInput, NAME_CHARS_MAX } from '@/lib/core/event.ts';
import { NotKept, Refused } from '../http-protocol.ts';
import { histogramEvents, summaryEvents } from './histogram-events.ts';
import type { MetricMemory } from './metric-memory.ts';
import { notFinite, type PointContext, running, sample } from './metric-samples.ts';
import { addAbsent, fieldsOfOrigin } from './origin-fields.ts';
import { CUMULATIVE, DELTA, type Metric, type NumberPoint, type Origin, type Temporality } from './otlp-model.ts';

const UNIT_CHARS_MAX = 32;
/** A series says that it has ended, or has missed a point: there is no value. */
const NO_RECORDED_VALUE = 1;

type AnyPoint = { attributes: Attributes; startNanos: number; timeNanos: number; flags: number };

type Sampled = Generator<MetricInput | Refused | NotKept>;

/** The samples of a metric's points. A point that cannot be taken is one Refused, however many samples it would be. */
export function* metricEvents(metric: Metric, origin: Origin, memory: MetricMemory): Sampled {
  const { name, unit } = metric;
  if (metric.shape === 'none') {
    yield new Refused(`${shown(name)}: expected a gauge, a sum, a histogram or a summary, got none of them`);
    return;
  }
  const temporality = 'temporality' in metric ? metric.temporality : CUMULATIVE;
  const problem = problemOf(name, temporality);
  const { service, labels: common } = fieldsOfOrigin(origin);
  const prepare = (point: AnyPoint): PointContext => {
    const labels = point.attributes;
    addAbsent(labels, common);
    const { startNanos, timeNanos } = point;
    return { name, unit: unit.slice(0, UNIT_CHARS_MAX), service, labels, startNanos, timeNanos, temporality, memory };
  };
  for (const point of metric.points) {
    if (point instanceof Refused) yield new Refused(`${shown(name)}: ${point.says}`);
    else if (problem) yield new Refused(problem);
    else if ((point.flags & NO_RECORDED_VALUE) !== 0 || isNotFinite(point)) yield new NotKept();
    else if ('quantiles' in point) yield* summaryEvents(point, prepare(point));
    else if ('count' in point) yield* histogramEvents(point, prepare(point));
    else if (metric.shape === 'sum') yield* sumEvents(point, metric.isMonotonic, prepare(point));
    else yield* gaugeEvents(point, prepare(point));
  }
}

function problemOf(name: string, temporality: Temporality): string | undefined {
  if (name === '') return 'a metric has no name';
  if (name.length > NAME_CHARS_MAX) {
    return `${shown(name)}: expected a name of at most ${NAME_CHARS_MAX} characters, got ${name.length}`;
  }
  if (temporality === DELTA || temporality === CUMULATIVE) return undefined;
  return `${name}: aggregationTemporality: expected 1 (delta) or 2 (cumulative), got ${temporality}`;
}

/** NaN is the absence of a reading, and JSON has neither it nor infinity. */
function isNotFinite(point: object): boolean {
  return 'value' in point && typeof point.value === 'number' && !Number.isFinite(point.value);
}

function shown(name: string): string {
  return name.slice(0, 80);
}

function* gaugeEvents({ value }: NumberPoint, context: PointContext): Sampled {
  const problem = notFinite(context, { value });
  yield problem ?? sample(context, { value: value ?? 0, type: 'gauge' });
}

/** A sum that can also fall is a level: a gauge, whose deltas are added up all the same. */
function* sumEvents({ value }: NumberPoint, isMonotonic: boolean, context: PointContext): Sampled {
  const problem = notFinite(context, { value });
  if (problem) yield problem;
  else yield* running(context, { value: value ?? 0, type: isMonotonic ? 'counter' : 'gauge' });
}
