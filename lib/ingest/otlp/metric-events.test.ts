import { describe, expect, test } from 'vitest';
import { MetricMemory } from './metric-memory.ts';
import { keyValues, metricsRequest, nanos, type Read, readBoth } from './testing/otlp-requests.ts';

const [DELTA, CUMULATIVE] = [1, 2];

/** A receiver that goes on remembering, one for each encoding. */
class Receiver {
  readonly #memories = [new MetricMemory(), new MetricMemory()];

  read(metric: object, resource?: object): Read {
    return readBoth('metrics', metricsRequest([metric], resource), this.#memories);
  }

  /** `name time-after-start value type`, one for each sample. */
  samples(metric: object): string[] {
    const { events, refused } = this.read(metric);
    expect(refused).toEqual([]);
    return events.map((event) => {
      if (event.kind !== 'metric') throw new Error('expected a metric');
      const afterMs = event.time === undefined ? 'now' : Math.round(Number(event.time) / 1e6) - Number(nanos()) / 1e6;
      return `${event.name} @${afterMs} ${Number(event.value.toFixed(3))} ${event.type}`;
    });
  }

  refusals(metric: object): string[] {
    return this.read(metric).refused.map(({ says }) => says);
  }
}

const at = (startMs: number, endMs: number) => ({ startTimeUnixNano: nanos(startMs), timeUnixNano: nanos(endMs) });
const sum = (temporality: number, points: object[], isMonotonic = true) => ({
  name: 'orders',
  sum: { dataPoints: points, aggregationTemporality: temporality, isMonotonic },
});
const histogram = (temporality: number, points: object[]) => ({
  name: 'wait',
  unit: 's',
  histogram: { dataPoints: points, aggregationTemporality: temporality },
});

describe('a gauge', () => {
  test('is a sample with its attributes as labels, and what tells the instance', () => {
    const point = { timeUnixNano: nanos(), asDouble: 0.25, attributes: keyValues({ cpu: 0 }) };
    const resource = {
      attributes: keyValues({ 'service.name': 'shop', 'service.instance.id': 'i-1', 'host.name': 'h' }),
    };
    const { events } = new Receiver().read({ name: 'cpu.use', unit: '%', gauge: { dataPoints: [point] } }, resource);
    expect(events).toEqual([
      {
        ...{ kind: 'metric', name: 'cpu.use', value: 0.25, type: 'gauge', unit: '%', service: 'shop' },
        time: Number(nanos()),
        attributes: { cpu: 0, 'service.instance.id': 'i-1' },
      },
    ]);
  });

  test('without a named instance is told apart by machine and process', () => {
    const resource = { attributes: keyValues({ 'host.name': 'h', 'process.pid': 7, 'os.type': 'linux' }) };
    const { events } = new Receiver().read({ name: 'n', gauge: { dataPoints: [{ asInt: '-3' }] } }, resource);
    expect(events).toMatchObject([{ value: -3, attributes: { 'host.name': 'h', 'process.pid': 7 } }]);
  });

  test.each(['NaN', 'Infinity'])('that is %s is nothing to keep, and no mistake', (asDouble) => {
    const read = new Receiver().read({ name: 'n', gauge: { dataPoints: [{ asDouble }, { asDouble: 1 }] } });
    expect(read).toMatchObject({ events: [{ value: 1 }], refused: [], notKept: 1 });
  });

  test('without a value is refused, unless it says that there is none', () => {
    const receiver = new Receiver();
    expect(receiver.refusals({ name: 'n', gauge: { dataPoints: [{}] } })).toEqual([
      'n: value: expected a number, got none',
    ]);
    expect(receiver.samples({ name: 'n', gauge: { dataPoints: [{ flags: 1, asInt: '4' }] } })).toEqual([]);
  });
});

describe('a cumulative sum', () => {
  test('is a counter as it stands; one that can fall is a gauge', () => {
    const points = [{ ...at(-3_600_000, 1000), asInt: '12' }];
    expect(new Receiver().samples(sum(CUMULATIVE, points))).toEqual(['orders @1000 12 counter']);
    expect(new Receiver().samples(sum(CUMULATIVE, points, false))).toEqual(['orders @1000 12 gauge']);
  });

  test('that has just begun begins at zero, so that its first step is seen', () => {
    expect(new Receiver().samples(sum(CUMULATIVE, [{ ...at(0, 1000), asInt: '5' }]))).toEqual([
      'orders @0 0 counter',
      'orders @1000 5 counter',
    ]);
  });

  test('that was restarted begins at zero again, even where it is higher than before', () => {
    const receiver = new Receiver();
    receiver.samples(sum(CUMULATIVE, [{ ...at(-3_600_000, 1000), asInt: '5' }]));
    expect(receiver.samples(sum(CUMULATIVE, [{ ...at(1500, 2000), asInt: '9' }]))).toEqual([
      'orders @1500 0 counter',
      'orders @2000 9 counter',
    ]);
    expect(receiver.samples(sum(CUMULATIVE, [{ ...at(1500, 3000), asInt: '11' }]))).toEqual([
      'orders @3000 11 counter',
    ]);
  });

  test('of two writers under one name is not taken for restarts', () => {
    const receiver = new Receiver();
    receiver.samples(sum(CUMULATIVE, [{ ...at(-3_600_000, 1000), asInt: '5' }]));
    expect(receiver.samples(sum(CUMULATIVE, [{ ...at(-1_800_000, 1500), asInt: '2' }]))).toEqual([
      'orders @1500 2 counter',
    ]);
  });
});

describe('deltas', () => {
  const step = (n: number, value = 1) => ({ ...at(n * 1000, n * 1000 + 1000), asInt: String(value) });

  test('are added up, from zero', () => {
    const receiver = new Receiver();
    expect(receiver.samples(sum(DELTA, [step(0, 3), step(1, 4)]))).toEqual([
      'orders @0 0 counter',
      'orders @1000 3 counter',
      'orders @2000 7 counter',
    ]);
    expect(receiver.samples(sum(DELTA, [step(5, 1)]))).toEqual(['orders @6000 8 counter']);
  });

  test('that come again in a retry count once, and mean the same', () => {
    const receiver = new Receiver();
    const body = sum(DELTA, [step(0, 3), step(1, 4)]);
    const first = receiver.samples(body);
    expect(receiver.samples(body)).toEqual(first);
    expect(receiver.samples(sum(DELTA, [step(2, 1)]))).toEqual(['orders @3000 8 counter']);
    expect(receiver.samples(body)).toEqual(first);
  });

  test('that come after later ones are in the next total, since a counter does not run backwards', () => {
    const receiver = new Receiver();
    receiver.samples(sum(DELTA, [step(0), step(2)]));
    expect(receiver.samples(sum(DELTA, [step(1, 10)]))).toEqual([]);
    expect(receiver.samples(sum(DELTA, [step(1, 10)]))).toEqual([]);
    expect(receiver.samples(sum(DELTA, [step(3)]))).toEqual(['orders @4000 13 counter']);
  });

  test('that come so late that nobody knows whether they were added are refused', () => {
    const receiver = new Receiver();
    receiver.samples(
      sum(
        DELTA,
        Array.from({ length: 20 }, (_, index) => step(index + 1)),
      ),
    );
    expect(receiver.refusals(sum(DELTA, [step(0)]))[0]).toContain('came after 16 later ones');
  });

  test('without a time are refused', () => {
    expect(new Receiver().refusals(sum(DELTA, [{ asInt: '1' }]))[0]).toContain('send timeUnixNano');
  });

  test('of each set of attributes are added up apart', () => {
    const receiver = new Receiver();
    const point = (path: string) => ({ ...step(0, 2), attributes: keyValues({ path }) });
    receiver.samples(sum(DELTA, [point('/a'), point('/b')]));
    const { events } = receiver.read(sum(DELTA, [{ ...step(1, 1), attributes: keyValues({ path: '/a' }) }]));
    expect(events).toMatchObject([{ value: 3, attributes: { path: '/a' } }]);
  });
});

describe('a histogram', () => {
  const point = (startMs: number, endMs: number, bucketCounts: number[], more: object = {}) => ({
    ...at(startMs, endMs),
    ...{ count: bucketCounts.reduce((total, count) => total + count, 0), sum: 10, explicitBounds: [1, 2, 4] },
    ...{ bucketCounts, ...more },
  });

  test('of an interval is how many, how much, its extremes and quantiles', () => {
    const metric = histogram(DELTA, [point(0, 1000, [0, 50, 50, 0], { min: 1, max: 4 })]);
    expect(new Receiver().samples(metric)).toEqual([
      'wait.count @0 0 counter',
      'wait.count @1000 100 counter',
      'wait.sum @0 0 counter',
      'wait.sum @1000 10 counter',
      'wait.min @1000 1 gauge',
      'wait.max @1000 4 gauge',
      'wait.p50 @1000 2 gauge',
      'wait.p95 @1000 3.8 gauge',
      'wait.p99 @1000 3.96 gauge',
    ]);
  });

  test('that is cumulative has the quantiles of what came since the last one', () => {
    const receiver = new Receiver();
    receiver.samples(histogram(CUMULATIVE, [point(-3_600_000, 1000, [1000, 0, 0, 0])]));
    expect(receiver.samples(histogram(CUMULATIVE, [point(-3_600_000, 2000, [1000, 10, 0, 0])]))).toEqual([
      'wait.count @2000 1010 counter',
      'wait.sum @2000 10 counter',
      'wait.p50 @2000 1.5 gauge',
      'wait.p95 @2000 1.95 gauge',
      'wait.p99 @2000 1.99 gauge',
    ]);
  });

  test('in a retry has the same quantiles', () => {
    const receiver = new Receiver();
    receiver.samples(histogram(CUMULATIVE, [point(-3_600_000, 1000, [5, 0, 0, 0])]));
    const next = histogram(CUMULATIVE, [point(-3_600_000, 2000, [5, 7, 0, 0])]);
    expect(receiver.samples(next)).toEqual(receiver.samples(next));
  });

  test('in which nothing was measured has none', () => {
    const receiver = new Receiver();
    const metric = (endMs: number) => histogram(CUMULATIVE, [point(-3_600_000, endMs, [5, 0, 0, 0])]);
    receiver.samples(metric(1000));
    expect(receiver.samples(metric(2000))).toEqual(['wait.count @2000 5 counter', 'wait.sum @2000 10 counter']);
  });

  test.each([
    [
      'with buckets and bounds that do not go together',
      { bucketCounts: [1, 2] },
      'one bucket more than bounds, got 2 and 3',
    ],
    ['with bounds in disorder', { explicitBounds: [2, 1, 4] }, 'ascending order'],
    ['with a sum that is no number', { sum: 'NaN' }, 'sum: expected a finite number, got NaN'],
  ])('%s is refused once', (_name, wrong, says) => {
    const refusals = new Receiver().refusals(histogram(DELTA, [point(0, 1000, [1, 1, 1, 1], wrong)]));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(says);
  });

  test('with more buckets than anybody makes is refused, and the point beside it taken', () => {
    const many = Array.from({ length: 2001 }, () => 0);
    const { events, refused } = new Receiver().read(
      histogram(CUMULATIVE, [{ ...at(0, 1000), bucketCounts: many }, point(-3_600_000, 1000, [1, 1, 1, 1])]),
    );
    expect(refused.map(({ says }) => says)).toEqual(['wait: a data point: expected at most 2000 buckets or quantiles']);
    expect(events).toHaveLength(2);
  });

  test('without a kind of aggregation is refused', () => {
    expect(new Receiver().refusals(histogram(0, [point(0, 1000, [1, 1, 1, 1])]))[0]).toContain(
      'aggregationTemporality',
    );
  });
});

describe('an exponential histogram', () => {
  const exponential = (temporality: number, point: object) => ({
    name: 'wait',
    exponentialHistogram: { dataPoints: [{ count: 8, sum: 1, ...point }], aggregationTemporality: temporality },
  });

  test('has the quantiles of its buckets, of both signs and around zero', () => {
    // Of scale 0: bucket i is from 2^i to 2^(i+1).
    const point = {
      ...{ ...at(0, 1000), scale: 0, zeroCount: 2 },
      ...{ positive: { offset: 1, bucketCounts: [2, 2] }, negative: { offset: 0, bucketCounts: [2] } },
    };
    const samples = new Receiver().samples(exponential(DELTA, point));
    expect(samples.filter((text) => text.includes('gauge'))).toEqual([
      'wait.p50 @1000 2 gauge',
      'wait.p95 @1000 7.2 gauge',
      'wait.p99 @1000 7.84 gauge',
    ]);
  });

  test('that has been made coarser goes on from what it was', () => {
    const receiver = new Receiver();
    const fine = { scale: 1, zeroCount: 0, positive: { offset: 2, bucketCounts: [4, 4] } };
    const coarse = { scale: 0, zeroCount: 0, positive: { offset: 1, bucketCounts: [8, 4] } };
    receiver.samples(exponential(CUMULATIVE, { ...at(-3_600_000, 1000), ...fine }));
    const samples = receiver.samples(exponential(CUMULATIVE, { ...at(-3_600_000, 2000), ...coarse }));
    // Four new ones from 4 to 8, none where the eight were.
    expect(samples).toContain('wait.p50 @2000 6 gauge');
  });

  test('of an impossible scale is refused', () => {
    expect(new Receiver().refusals(exponential(DELTA, { ...at(0, 1000), scale: 99 }))[0]).toContain('scale: expected');
  });
});

test('a summary is how many, how much, and the quantiles that its sender knows', () => {
  const quantileValues = [
    { quantile: 0, value: 1 },
    { quantile: 0.5, value: 2 },
    { quantile: 0.999, value: 9 },
    { quantile: 0.9, value: 'NaN' },
  ];
  const point = { ...at(-3_600_000, 1000), count: 3, sum: 12, quantileValues };
  expect(new Receiver().samples({ name: 'wait', summary: { dataPoints: [point] } })).toEqual([
    'wait.count @1000 3 counter',
    'wait.sum @1000 12 counter',
    'wait.min @1000 1 gauge',
    'wait.p50 @1000 2 gauge',
    'wait.p99_9 @1000 9 gauge',
  ]);
});

test('a metric of no kind that is known, or without a name, is refused', () => {
  expect(new Receiver().refusals({ name: 'new' })).toEqual([
    'new: expected a gauge, a sum, a histogram or a summary, got none of them',
  ]);
  expect(new Receiver().refusals({ gauge: { dataPoints: [{ asInt: '1' }] } })).toEqual(['a metric has no name']);
});
