import { describe } from 'vitest';
import { testProtocol } from '../testing/protocol-contract.ts';
import type { Sent } from '../testing/run-protocol.ts';
import { MetricMemory } from './metric-memory.ts';
import { otlpProtocol } from './otlp-protocol.ts';
import { OTLP_SIGNALS, type OtlpEncoding, type OtlpSignalName } from './otlp-signals.ts';
import { toJson, toProto } from './testing/encode-otlp.ts';
import { anyValue, keyValues, logsRequest, metricsRequest, nanos, tracesRequest } from './testing/otlp-requests.ts';

const TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const common = { startTimeUnixNano: nanos(-60_000), timeUnixNano: nanos() };
const DELTA = { aggregationTemporality: 1 };
const CUMULATIVE = { aggregationTemporality: 2 };
const buckets = { offset: -1, bucketCounts: [1, 0, 2] };

/** Short, since they are cut after every byte, and with all that each signal knows. */
const REQUESTS: Readonly<Record<OtlpSignalName, object>> = {
  logs: logsRequest(
    [
      {
        ...{ timeUnixNano: nanos(), observedTimeUnixNano: nanos(1), severityNumber: 10, severityText: 'NOTICE' },
        ...{ body: { stringValue: 'a' }, droppedAttributesCount: 1, flags: 1, ...TRACE, eventName: 'e' },
        attributes: keyValues({ b: true, i: 1, d: 0.5, list: ['x', [2]], map: { deep: { er: null } } }),
      },
      { body: { kvlistValue: { values: [{ key: 'raw', value: { bytesValue: 'AQI=' } }] } } },
    ],
    { attributes: keyValues({ 'service.name': 'shop', 'host.name': 'h' }) },
    { name: 'lib', version: '1', attributes: keyValues({ s: 's' }) },
  ),
  metrics: metricsRequest([
    {
      name: 'level',
      unit: 'By',
      gauge: { dataPoints: [{ ...common, asDouble: 0.5, attributes: keyValues({ k: 'v' }) }, { flags: 1 }] },
    },
    { name: 'count', sum: { ...DELTA, isMonotonic: true, dataPoints: [{ ...common, asInt: '3' }] } },
    {
      name: 'took',
      histogram: {
        ...CUMULATIVE,
        dataPoints: [
          {
            ...common,
            ...{ count: '3', sum: 6, min: 1, max: 3, explicitBounds: [1, 2], bucketCounts: ['1', '1', '1'] },
          },
        ],
      },
    },
    {
      name: 'size',
      exponentialHistogram: {
        ...DELTA,
        dataPoints: [
          {
            ...{ ...common, count: '8', sum: 9, min: -2, max: 4, scale: 1, zeroCount: '2', zeroThreshold: 0.1 },
            ...{ positive: buckets, negative: buckets },
          },
        ],
      },
    },
    {
      name: 'wait',
      summary: { dataPoints: [{ ...common, count: '2', sum: 3, quantileValues: [{ quantile: 0.9, value: 2 }] }] },
    },
    { name: 'none' },
  ]),
  traces: tracesRequest([
    {
      ...{ ...TRACE, parentSpanId: 'b7ad6b7169203332', name: 'GET /', kind: 2, droppedAttributesCount: 1 },
      ...{ startTimeUnixNano: nanos(-12), endTimeUnixNano: nanos(), attributes: keyValues({ route: '/' }) },
      events: [{ timeUnixNano: nanos(), name: 'exception', attributes: keyValues({ 'exception.type': 'E' }) }],
      ...{ droppedEventsCount: 1, links: [TRACE], droppedLinksCount: 1, status: { code: 2, message: 'down' } },
    },
  ]),
};

const BECOMES: Readonly<Record<OtlpSignalName, readonly (object | RegExp | number)[]>> = {
  logs: [
    {
      ...{ message: 'a', level: 'info', service: 'shop', ...TRACE },
      attributes: { severityText: 'NOTICE', list: ['x', [2]], map: { deep: { er: null } }, 'otel.scope.name': 'lib' },
    },
    { message: '{"raw":"AQI="}', service: 'shop' },
  ],
  metrics: [
    { name: 'level', value: 0.5, type: 'gauge', unit: 'By', attributes: { k: 'v' } },
    1,
    { name: 'count', value: 0, type: 'counter' },
    { name: 'count', value: 3, type: 'counter' },
    ...['took.count', 'took.count', 'took.sum', 'took.sum', 'took.p50', 'took.p95', 'took.p99'].map(named),
    ...['size.count', 'size.count', 'size.sum', 'size.sum', 'size.min', 'size.max'].map(named),
    ...['size.p50', 'size.p95', 'size.p99'].map(named),
    ...['wait.count', 'wait.count', 'wait.sum', 'wait.sum', 'wait.p90'].map(named),
    /none: expected a gauge, a sum, a histogram or a summary/,
  ],
  traces: [
    { message: 'E', level: 'error', ...TRACE },
    { message: 'GET / (server) 12 ms: down', level: 'error', ...TRACE, attributes: { route: '/' } },
  ],
};

function named(name: string): object {
  return { name };
}

/** One event that holds a text and a field of that name. */
function requestOf(signal: OtlpSignalName, text: string, name: string): object {
  const attributes = [{ key: name, value: anyValue('v') }];
  if (signal === 'logs') return logsRequest([{ body: anyValue(text), attributes }]);
  if (signal === 'traces') return tracesRequest([{ name: text, attributes }]);
  const labels = [{ key: 'text', value: anyValue(text) }, ...attributes];
  return metricsRequest([{ name: 'n', gauge: { dataPoints: [{ asInt: '1', attributes: labels }] } }]);
}

const CASES = (Object.keys(OTLP_SIGNALS) as OtlpSignalName[]).flatMap((signal) =>
  (['protobuf', 'json'] as const).map((encoding) => ({ signal, encoding })),
);

describe.each(CASES)('$signal as $encoding', ({ signal, encoding }) => {
  const sent = (request: object): Sent => ({
    headers: { 'Content-Type': TYPES[encoding] },
    body: encoding === 'json' ? toJson(request) : toProto(signal, request),
  });
  testProtocol({
    protocol: () => otlpProtocol(OTLP_SIGNALS[signal], new MetricMemory()),
    samples: [{ title: 'all that it knows', ...sent(REQUESTS[signal]), becomes: BECOMES[signal] }],
    write: (text, name) => sent(requestOf(signal, text, name)),
    textIn: signal === 'metrics' ? 'attributes' : 'message',
  });
});
