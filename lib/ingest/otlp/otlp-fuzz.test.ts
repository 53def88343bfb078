import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '@/lib/core/event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { OTLP_SIGNALS, type OtlpSignalName } from './otlp-signals.ts';
import { toProto } from './testing/encode-otlp.ts';
import {
  anyValue,
  keyValues,
  logsRequest,
  metricsRequest,
  nanos,
  readBody,
  readBoth,
  TIME_MS,
  tracesRequest,
} from './testing/otlp-requests.ts';

const SIGNALS = Object.keys(OTLP_SIGNALS) as OtlpSignalName[];
const RUNS = { seed: 1, numRuns: 300 };

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    ...[text, fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0.5)],
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const attributes = fc.dictionary(text, value, { maxKeys: 5 }).map(keyValues);
const id = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((given) => Buffer.from(given).toString('hex'));
const time = fc.integer({ min: 0, max: 1e9 }).map(nanos);
const count = fc.nat({ max: 1e6 });

const logRecord = fc.record(
  {
    ...{ timeUnixNano: time, observedTimeUnixNano: time, severityNumber: fc.nat({ max: 30 }), severityText: text },
    ...{ body: value.map(anyValue), attributes, droppedAttributesCount: count, flags: fc.nat() },
    ...{ traceId: id(16), spanId: id(8), eventName: text },
  },
  { requiredKeys: [] },
);
const span = fc.record(
  {
    ...{ traceId: id(16), spanId: id(8), parentSpanId: id(8), name: text, kind: fc.nat({ max: 7 }) },
    ...{ startTimeUnixNano: time, endTimeUnixNano: time, attributes, droppedAttributesCount: count },
    events: fc.array(fc.record({ timeUnixNano: time, name: text, attributes }), { maxLength: 3 }),
    links: fc.array(fc.record({ traceId: id(16), spanId: id(8) }), { maxLength: 3 }),
    status: fc.record({ message: text, code: fc.nat({ max: 3 }) }),
  },
  { requiredKeys: [] },
);
const common = { attributes, startTimeUnixNano: time, timeUnixNano: time, flags: fc.nat({ max: 1 }) };
const numberPoint = fc.record({ ...common, asInt: fc.integer().map(String) });
const spread = fc.record({ ...common, count, sum: fc.double(), min: fc.double(), max: fc.double() });
const histogramPoint = fc
  .tuple(spread, fc.uniqueArray(fc.integer(), { maxLength: 5 }), fc.array(count, { minLength: 6, maxLength: 6 }))
  .map(([given, bounds, counts]) => ({
    ...given,
    explicitBounds: bounds.sort((a, b) => a - b),
    bucketCounts: counts.slice(0, bounds.length + 1),
  }));
const buckets = fc.record({
  offset: fc.integer({ min: -20, max: 20 }),
  bucketCounts: fc.array(count, { maxLength: 5 }),
});
const exponentialPoint = fc
  .tuple(
    spread,
    fc.record({ scale: fc.integer({ min: -12, max: 31 }), zeroCount: count, positive: buckets, negative: buckets }),
  )
  .map(([given, more]) => ({ ...given, ...more }));
const aggregationTemporality = fc.nat({ max: 3 });
const dataPoints = <Point>(point: fc.Arbitrary<Point>) => fc.array(point, { maxLength: 4 });
const metric = fc
  .tuple(
    fc.record({ name: text, unit: text }),
    fc.oneof(
      fc.record({ gauge: fc.record({ dataPoints: dataPoints(numberPoint) }) }),
      fc.record({
        sum: fc.record({ dataPoints: dataPoints(numberPoint), aggregationTemporality, isMonotonic: fc.boolean() }),
      }),
      fc.record({ histogram: fc.record({ dataPoints: dataPoints(histogramPoint), aggregationTemporality }) }),
      fc.record({
        exponentialHistogram: fc.record({ dataPoints: dataPoints(exponentialPoint), aggregationTemporality }),
      }),
      fc.record({ summary: fc.record({ dataPoints: dataPoints(numberPoint.map(({ asInt, ...rest }) => rest)) }) }),
    ),
  )
  .map(([named, data]) => ({ ...named, ...data }));

const REQUESTS: Readonly<Record<OtlpSignalName, fc.Arbitrary<object>>> = {
  logs: fc.array(logRecord, { maxLength: 4 }).map((records) => logsRequest(records)),
  metrics: fc.array(metric, { maxLength: 4 }).map((metrics) => metricsRequest(metrics)),
  traces: fc.array(span, { maxLength: 4 }).map((spans) => tracesRequest(spans)),
};

test.each(SIGNALS)('%s mean the same in both encodings, and their events are valid', (signal) => {
  fc.assert(
    fc.property(REQUESTS[signal], (request) => {
      const { events } = readBoth(signal, request);
      const invalid = events.map((event) => prepareEvent(event, TIME_MS)).filter(({ ok }) => !ok);
      // Names that are empty are for `prepareEvent` to refuse, and keys that come twice are one.
      expect(invalid).toEqual([]);
    }),
    RUNS,
  );
});

describe('values within values', () => {
  const nested = (depth: number): object =>
    depth === 0 ? { intValue: '1' } : { arrayValue: { values: [nested(depth - 1)] } };

  test('are taken to a depth, and beyond it only that record is refused', () => {
    const request = logsRequest([{ body: nested(32) }, { body: nested(33) }, { body: anyValue('beside it') }]);
    const { events, refused } = readBoth('logs', request);
    expect(events.map((event) => event.kind === 'log' && event.message)).toEqual([
      `${'['.repeat(32)}1${']'.repeat(32)}`,
      'beside it',
    ]);
    expect(refused.map(({ says }) => says)).toEqual(['a value: expected at most 32 arrays and maps within each other']);
  });

  test('of a resource are too deep for all that is of it', () => {
    const resource = { attributes: [{ key: 'a', value: nested(40) }] };
    expect(() => readBoth('logs', logsRequest([{}], resource))).toThrow('expected at most 32');
  });

  test('a hundred thousand deep are refused, not followed', () => {
    const depth = 100_000;
    // Lengths grow outwards, so from the inside.
    const pieces: Buffer[] = [Buffer.from([0x18, 1])];
    let length = 2;
    for (let level = 0; level < depth; level += 1) {
      const inner = Buffer.concat([Buffer.from([0x0a]), varint(length)]);
      const outer = Buffer.concat([Buffer.from([0x2a]), varint(length + inner.length)]);
      pieces.push(inner, outer);
      length += inner.length + outer.length;
    }
    const value = Buffer.concat(pieces.reverse());
    const wrap = (tag: number, body: Buffer) => Buffer.concat([Buffer.from([tag]), varint(body.length), body]);
    const body = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x2a, value))));
    expect(readBody('logs', body, 'protobuf').refused).toHaveLength(1);
    const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(5000)}{}${']}}'.repeat(5000)}}]}]}]}`;
    expect(() => readBody('logs', Buffer.from(json), 'json')).toThrow('expected at most 168 objects and arrays');
  });

  test('in a record that is larger than any event could be are refused, and the record beside it taken', () => {
    const large = { attributes: keyValues({ a: 'x'.repeat(5 * 1024 * 1024) }) };
    const body = toProto('logs', logsRequest([large, { body: anyValue('beside it') }]));
    const { events, refused } = readBody('logs', body, 'protobuf');
    expect([events.length, refused.map(({ says }) => says)]).toEqual([
      1,
      [expect.stringContaining('a record: expected at most 4194304 bytes')],
    ]);
  });

  test('groups, which nest without a length, are refused', () => {
    expect(() => readBody('logs', Buffer.alloc(100_000, 0x0b), 'protobuf')).toThrow('groups are not supported');
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
