import { describe, expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { anyValue, keyValues, logsRequest, nanos, readBoth, TIME_MS } from './testing/otlp-requests.ts';

function one(record: object, resource?: object, scope?: object) {
  const { events, refused } = readBoth('logs', logsRequest([record], resource, scope));
  expect(refused).toEqual([]);
  expect(events).toHaveLength(1);
  const prepared = prepareEvent(events[0], TIME_MS);
  if (!prepared.ok) throw new Error(prepared.error);
  return JSON.parse(prepared.event.body);
}

describe('a log record becomes a line', () => {
  test('with its time, service, level, text, attributes and trace', () => {
    const record = {
      timeUnixNano: nanos(1),
      observedTimeUnixNano: nanos(500),
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'out of stock' },
      attributes: keyValues({ sku: 'A1', left: 0, price: 1.5, urgent: true, tags: ['a', 2], at: { shelf: 'b' } }),
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
    };
    expect(one(record)).toEqual({
      kind: 'log',
      time: '2026-01-01T00:00:00.001Z',
      level: 'error',
      service: 'shop',
      message: 'out of stock',
      attributes: { sku: 'A1', left: 0, price: 1.5, urgent: true, tags: ['a', 2], at: { shelf: 'b' } },
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
    });
  });

  test('whose level is that of its number, in fours, whatever the text says', () => {
    const levels = Array.from({ length: 24 }, (_, index) => one({ severityNumber: index + 1 }).level);
    const four = (level: string) => [level, level, level, level];
    expect(levels).toEqual(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap(four));
  });

  test.each([
    ['WARNING', 'warn'],
    ['crit', 'fatal'],
    ['Debug', 'debug'],
  ])('whose level is the text %s where there is no number', (severityText, level) => {
    expect(one({ severityText }).level).toBe(level);
  });

  test('that keeps a text which its level does not say', () => {
    expect(one({ severityNumber: 10, severityText: 'NOTICE' })).toMatchObject({
      level: 'info',
      attributes: { severityText: 'NOTICE' },
    });
    expect(one({ severityText: 'chatty' })).toMatchObject({ level: 'info', attributes: { severityText: 'chatty' } });
    expect(one({ severityNumber: 9, severityText: 'INFO' }).attributes).toBeUndefined();
  });

  test.each([
    ['text', anyValue('plain'), 'plain'],
    ['a number', anyValue(12.5), '12.5'],
    ['a truth', anyValue(true), 'true'],
    ['a list', anyValue([1, 'two', null]), '[1,"two",null]'],
    ['a map', anyValue({ a: { b: [1] } }), '{"a":{"b":[1]}}'],
    ['bytes', { bytesValue: Buffer.from([0, 255]).toString('base64') }, 'AP8='],
    ['an integer beyond 2^53', { intValue: '9223372036854775807' }, '9223372036854775807'],
    ['a negative integer', { intValue: '-42' }, '-42'],
    ['the least integer', { intValue: '-9223372036854775808' }, '-9223372036854775808'],
    ['nothing', {}, ''],
  ])('whose body is %s', (_name, body, message) => {
    expect(one({ body }).message).toBe(message);
  });

  test('that is called by its event where it has no body', () => {
    expect(one({ eventName: 'device.boot' })).toMatchObject({
      message: 'device.boot',
      attributes: { 'event.name': 'device.boot' },
    });
  });

  test('at the time it was observed where it does not know its own, and at none where nobody does', () => {
    expect(one({ observedTimeUnixNano: nanos(7) }).time).toBe('2026-01-01T00:00:00.007Z');
    const { events } = readBoth('logs', logsRequest([{ body: anyValue('now') }]));
    expect(events[0]?.time).toBeUndefined();
  });

  test('in 1970 where its sender says so', () => {
    expect(one({ timeUnixNano: '1000000' }).time).toBe('1970-01-01T00:00:00.001Z');
  });

  test('with what its resource and its scope are, but not what they are made with', () => {
    const resource = {
      attributes: keyValues({
        'service.name': 'shop',
        'host.name': 'eu-1',
        'telemetry.sdk.name': 'opentelemetry',
        same: 'outer',
      }),
    };
    const scope = { name: 'http', version: '1.2', attributes: keyValues({ team: 'web' }) };
    expect(one({ attributes: keyValues({ same: 'inner' }) }, resource, scope).attributes).toEqual({
      same: 'inner',
      'otel.scope.name': 'http',
      'otel.scope.version': '1.2',
      team: 'web',
      'host.name': 'eu-1',
    });
  });

  test('with so much of a large resource as is sensible, and says how much is left out', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, 'v']));
    const { attributes } = one({}, { attributes: keyValues({ ...many, long: 'x'.repeat(2000) }) });
    expect(Object.keys(attributes)).toHaveLength(33);
    expect(attributes['otel.resource.dropped_attributes_count']).toBe(9);
  });

  test('without the rest of a resource that would be written millions of times', () => {
    const long = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, 'x'.repeat(900)]));
    const { attributes } = one({}, { attributes: keyValues(long) });
    expect(Object.keys(attributes)).toEqual(['k0', 'k1', 'k2', 'k3', 'otel.resource.dropped_attributes_count']);
  });

  test('with its flags, and how many attributes its sender has dropped', () => {
    expect(one({ flags: 1, droppedAttributesCount: 3 }).attributes).toEqual({
      'otel.trace_flags': 1,
      'otel.dropped_attributes_count': 3,
    });
  });

  test('without ids that are all zeros', () => {
    const line = one({ traceId: '0'.repeat(32), spanId: '0'.repeat(16) });
    expect([line.traceId, line.spanId]).toEqual([undefined, undefined]);
  });

  test('whose attribute __proto__ stays data', () => {
    const body = Buffer.from(
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"__proto__","value":{"stringValue":"x"}}]}]}]}]}',
    );
    const { events } = readBoth('logs', JSON.parse(body.toString()));
    expect(Object.keys(events[0]?.attributes ?? {})).toEqual(['__proto__']);
  });
});
