import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  Registry,
  type RegistryContentType,
  Summary,
} from 'prom-client';
import { describe, expect, test } from 'vitest';
import { type ExpositionFormat, ExpositionReader } from './exposition-reader.ts';

const NOW = Date.UTC(2026, 0, 1);

function read(text: string, format: ExpositionFormat = 'text', samplesMax = 1000, pieceChars = 7): ExpositionReader {
  const reader = new ExpositionReader({ format, job: 'node', instance: 'h:9100', timeMs: NOW, samplesMax });
  for (let at = 0; at < text.length; at += pieceChars) reader.take(text.slice(at, at + pieceChars));
  reader.end();
  return reader;
}

describe('What a target exposes', () => {
  test('in the text format, with its types', () => {
    const { events, malformed } = read(`# HELP http_requests_total The total number.
# TYPE http_requests_total counter
http_requests_total{code="200"} 1027 1395066363000

# A comment, # TYPE
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
# TYPE lat histogram
lat_bucket{le="+Inf"} 144320
lat_count 144320
# TYPE open_count gauge
open_count 3
msdos_file_access_time_seconds{path="C:\\\\"} 1.458255915e9\r
last_without_end 1`);
    expect(malformed).toBe(0);
    expect(events).toMatchObject([
      { name: 'http_requests_total', type: 'counter', time: 1395066363000, service: 'node', value: 1027 },
      { name: 'rpc_duration_seconds', type: 'gauge', unit: 's', attributes: { quantile: '0.01', instance: 'h:9100' } },
      { name: 'rpc_duration_seconds_sum', type: 'counter', unit: 's', time: NOW },
      { name: 'lat_bucket', type: 'counter', unit: '1', attributes: { le: '+Inf' } },
      { name: 'lat_count', type: 'counter' },
      { name: 'open_count', type: 'gauge' },
      { name: 'msdos_file_access_time_seconds', attributes: { path: 'C:\\' } },
      { name: 'last_without_end' },
    ]);
  });

  test('in OpenMetrics, with units, times in seconds, and an end', () => {
    const { events, isEnded, malformed } = read(
      `# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
acme_http_router_request_seconds_sum{path="/api/v1"} 9036.32 1520879607.789
# TYPE go_goroutines gauge
go_goroutines 69 # {trace_id="x"} 1
# TYPE reads counter
# UNIT reads bytes
reads_total 17.0
reads_created 1520872607.123
# TYPE "quoted.name" counter
{"quoted.name",a="b"} 1
# EOF
after_the_end 1`,
      'openmetrics',
    );
    expect(isEnded).toBe(true);
    expect(malformed).toBe(0);
    expect(events).toMatchObject([
      { name: 'acme_http_router_request_seconds_sum', time: 1520879607789, type: 'counter', unit: 's' },
      { name: 'go_goroutines', type: 'gauge', time: NOW },
      { name: 'reads_total', type: 'counter', unit: 'By' },
      { name: 'reads_created', type: 'gauge', unit: 's' },
      { name: 'quoted.name', type: 'counter', attributes: { a: 'b' } },
    ]);
  });

  test('is without what has no reading, which is counted, and keeps a job of its own apart', () => {
    const { events, samples, valueless } = read('a NaN\nb +Inf\nc{job="mine",instance="there"} 1\n');
    expect([samples, valueless]).toEqual([3, 2]);
    expect(events).toMatchObject([
      {
        name: 'c',
        service: 'node',
        attributes: { exported_job: 'mine', exported_instance: 'there', instance: 'h:9100' },
      },
    ]);
  });

  test('is bounded: samples, length of a line', () => {
    const many = read('x 1\n'.repeat(50), 'text', 20);
    expect([many.events.length, many.dropped, many.samples]).toEqual([20, 30, 50]);
    const long = read(`a 1\nx{a="${'y'.repeat(200_000)}"} 1\nb 1\n${'z'.repeat(200_000)}`, 'text', 1000, 10_000);
    expect(long.events.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(long.malformed).toBe(2);
  });

  test('keeps its good lines when others are none', () => {
    const { events, malformed } = read('a 1\nnonsense\nb{ 2\nc 3\n__proto__{__proto__="x"} 4\n');
    expect(events.map(({ name }) => name)).toEqual(['a', 'c', '__proto__']);
    expect(Object.keys(events[2]?.attributes ?? {})).toEqual(['__proto__', 'instance']);
    expect(malformed).toBe(2);
  });
});

describe('What prom-client exposes', () => {
  const fill = (register: Registry<RegistryContentType>): void => {
    new Counter({ name: 'jobs_total', help: 'h', labelNames: ['kind'], registers: [register] }).inc(
      { kind: 'a"b\\c\nd' },
      3,
    );
    new Gauge({ name: 'heap_bytes', help: 'two\nlines', registers: [register] }).set(-0.5);
    new Gauge({ name: 'nothing', help: 'h', registers: [register] }).set(Number.NaN);
    const buckets = [0.1, 1];
    new Histogram({ name: 'lat_seconds', help: 'h', buckets, registers: [register] }).observe(0.5);
    new Summary({ name: 'size_bytes', help: 'h', percentiles: [0.5], registers: [register] }).observe(7);
  };
  const expected = [
    { name: 'jobs_total', value: 3, type: 'counter', attributes: { kind: 'a"b\\c\nd' } },
    { name: 'heap_bytes', value: -0.5, type: 'gauge', unit: 'By' },
    { name: 'lat_seconds_bucket', value: 0, attributes: { le: '0.1' } },
    { name: 'lat_seconds_bucket', value: 1, attributes: { le: '1' } },
    { name: 'lat_seconds_bucket', value: 1, attributes: { le: '+Inf' }, type: 'counter' },
    { name: 'lat_seconds_sum', value: 0.5, unit: 's' },
    { name: 'lat_seconds_count', value: 1, unit: '1' },
    { name: 'size_bytes', value: 7, type: 'gauge', attributes: { quantile: '0.5' } },
    { name: 'size_bytes_sum', value: 7 },
    { name: 'size_bytes_count', value: 1 },
  ];

  test('in the text format', async () => {
    const register = new Registry();
    fill(register);
    const { events, malformed } = read(await register.metrics());
    expect(malformed).toBe(0);
    expect(events).toMatchObject(expected);
  });

  test('in OpenMetrics', async () => {
    const register = new Registry<OpenMetricsContentType>();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    fill(register);
    const { events, malformed, isEnded } = read(await register.metrics(), 'openmetrics');
    expect([malformed, isEnded]).toEqual([0, true]);
    expect(events).toMatchObject(expected);
  });
});
