import { expect, test } from 'vitest';
import { toJson } from './testing/encode-otlp.ts';
import { keyValues, nanos, readBody, readBoth, tracesRequest } from './testing/otlp-requests.ts';

const TRACE = '5b8efff798038103d269b633813fc60c';
const SPAN = {
  traceId: TRACE,
  spanId: 'eee19b7ec3c1b174',
  parentSpanId: 'eee19b7ec3c1b173',
  name: 'GET /cart',
  kind: 2,
  startTimeUnixNano: nanos(0),
  endTimeUnixNano: nanos(12),
  attributes: keyValues({ 'http.status_code': 200 }),
};

function linesOf(...spans: object[]) {
  const { events, refused } = readBoth('traces', tracesRequest(spans));
  expect(refused).toEqual([]);
  return events;
}

test('a span is one line at its end, which tells how long it took and whose part it is', () => {
  expect(linesOf(SPAN)).toEqual([
    {
      ...{ kind: 'log', time: Number(nanos(12)), level: 'info', service: 'shop', message: 'GET /cart (server) 12 ms' },
      ...{ traceId: TRACE, spanId: 'eee19b7ec3c1b174' },
      attributes: {
        'span.name': 'GET /cart',
        'span.kind': 'server',
        duration_ms: 12,
        'span.start': '2026-01-01T00:00:00.000Z',
        'span.parent_id': 'eee19b7ec3c1b173',
        'http.status_code': 200,
      },
    },
  ]);
});

test('a start beyond every date does no harm to its span', () => {
  const body = toJson(tracesRequest([{ ...SPAN, startTimeUnixNano: '9e99' }]));
  expect(readBody('traces', body, 'json').events).toMatchObject([
    { message: 'GET /cart (server)', attributes: { 'span.start': '9e+93 ms since 1970' } },
  ]);
});

test('a span that failed is an error, and says why', () => {
  expect(linesOf({ ...SPAN, status: { code: 2, message: 'no such cart' } })).toMatchObject([
    {
      level: 'error',
      message: 'GET /cart (server) 12 ms: no such cart',
      attributes: { 'otel.status_code': 'ERROR', 'otel.status_description': 'no such cart' },
    },
  ]);
});

test('what happened during a span are lines of their own, before it; an exception is an error', () => {
  const exception = keyValues({
    'exception.type': 'TypeError',
    'exception.message': 'x is not a function',
    'exception.stacktrace': 'at y',
  });
  const events = [
    { timeUnixNano: nanos(3), name: 'cache.miss', attributes: keyValues({ key: 'cart' }) },
    { timeUnixNano: nanos(5), name: 'exception', attributes: exception },
  ];
  expect(linesOf({ ...SPAN, events })).toMatchObject([
    { level: 'info', message: 'cache.miss', time: Number(nanos(3)), traceId: TRACE, attributes: { key: 'cart' } },
    {
      ...{ level: 'error', message: 'TypeError: x is not a function', spanId: 'eee19b7ec3c1b174' },
      attributes: { 'exception.stacktrace': 'at y', 'span.name': 'GET /cart' },
    },
    { message: 'GET /cart (server) 12 ms' },
  ]);
});

test('of very many events and links so many are kept as SDKs make, and the rest is counted', () => {
  const events = Array.from({ length: 130 }, (_, index) => ({ name: `e${index}` }));
  const links = Array.from({ length: 136 }, () => ({ traceId: TRACE, spanId: 'eee19b7ec3c1b174' }));
  const lines = linesOf({ ...SPAN, events, droppedEventsCount: 5, links });
  expect(lines).toHaveLength(129);
  expect(lines.at(-1)?.attributes).toMatchObject({ 'otel.dropped_events_count': 7, 'otel.dropped_links_count': 8 });
});

test('a span that has not ended, or ends before it begins, claims no duration', () => {
  expect(linesOf({ name: 'x', startTimeUnixNano: nanos(0) })).toMatchObject([{ message: 'x', time: Number(nanos(0)) }]);
  expect(linesOf({ name: 'x', startTimeUnixNano: nanos(9), endTimeUnixNano: nanos(0) })).toMatchObject([
    { message: 'x' },
  ]);
});
