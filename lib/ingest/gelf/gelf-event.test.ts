import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { Refused } from '../http-protocol.ts';
import { understandNothing } from '../understand.ts';
import { gelfEvent, readGelf } from './gelf-event.ts';
import { GELF_BYTES_MAX, inflateGelf } from './inflate-gelf.ts';

const read = (message: unknown) => readGelf(message, understandNothing);

test('the example of the specification', () => {
  const message = {
    ...{ version: '1.1', host: 'example.org', short_message: 'A short message that helps you' },
    ...{ full_message: 'Backtrace here\n\nmore stuff', timestamp: 1385053862.3072, level: 1 },
    ...{ _user_id: 9001, _some_info: 'foo', _some_env_var: 'bar' },
  };
  expect(read(message)).toEqual({
    kind: 'log',
    time: '2013-11-21T17:11:02.307Z',
    level: 'fatal',
    service: 'example.org',
    message: 'A short message that helps you\nBacktrace here\n\nmore stuff',
    attributes: { host: 'example.org', user_id: 9001, some_info: 'foo', some_env_var: 'bar' },
  });
});

test.each<[string, object, object]>([
  [
    "Docker's driver: the container's name is the service",
    { short_message: 'm', host: 'h', _container_name: '/web-1' },
    { service: 'web-1' },
  ],
  ['a service before a container', { short_message: 'm', _service: 'api', _container_name: 'web' }, { service: 'api' }],
  ['a facility before a host', { short_message: 'm', facility: 'f', host: 'h' }, { service: 'f' }],
  [
    'a full message that begins with the short one',
    { short_message: 'boom', full_message: 'boom\n at x' },
    { message: 'boom\n at x' },
  ],
  ['no short message', { full_message: 'all' }, { message: 'all' }],
  ['no message at all', { _a: 1 }, { message: '{"_a":1}', attributes: { a: 1 } }],
  ['a message that is an object', { short_message: { a: 1 } }, { message: '{"a":1}' }],
  ['a time in ms', { short_message: 'm', timestamp: 1385053862307 }, { time: '2013-11-21T17:11:02.307Z' }],
  ['a time as text', { short_message: 'm', timestamp: '1385053862.3' }, { time: '2013-11-21T17:11:02.300Z' }],
  ['a time that is none', { short_message: 'm', timestamp: 'soon' }, { attributes: { timestamp: 'soon' } }],
  ['a level as text', { short_message: 'm', level: '4' }, { level: 'warn' }],
  ['a level by its name', { short_message: 'm', level: 'WARN' }, { level: 'WARN' }],
  ['a level of pino', { short_message: 'm', level: 50 }, { level: 50 }],
  ['a trace', { short_message: 'm', _trace_id: 't1', _span_id: 's1' }, { traceId: 't1', spanId: 's1' }],
  [
    'a trace that is none',
    { short_message: 'm', _trace_id: 't'.repeat(65), _span_id: 7 },
    { attributes: { trace_id: 't'.repeat(65), span_id: 7 } },
  ],
  [
    'an additional field with the name of another',
    { short_message: 'm', host: 'h', _host: 'other' },
    { attributes: { host: 'h', _host: 'other' } },
  ],
])('%s', (_title, message, expected) => {
  expect(read(message)).toMatchObject(expected);
});

test.each<[string, unknown]>([
  ['a list', [1]],
  ['a text', 'x'],
  ['null', null],
  ['a number', 5],
])('%s is refused', (_title, value) => {
  const refused = read(value);
  expect(refused).toBeInstanceOf(Refused);
  expect((refused as Refused).says).toContain('expected a GELF message');
});

test('what is no JSON is refused, and says so', () => {
  expect(gelfEvent(Buffer.from('{"short_message":"cut'), understandNothing)).toMatchObject({
    says: expect.stringContaining('expected a GELF message as JSON'),
  });
});

test('compression is told by the first bytes', () => {
  const message = Buffer.from('{"short_message":"x"}');
  for (const bytes of [message, gzipSync(message), deflateSync(message), deflateSync(message, { level: 1 })]) {
    expect(inflateGelf(bytes)).toEqual(message);
  }
});

test('a bomb and a broken archive are refused', () => {
  const bomb = inflateGelf(gzipSync(Buffer.alloc(GELF_BYTES_MAX + 1)));
  expect(bomb).toMatchObject({ says: expect.stringContaining('too large') });
  expect(inflateGelf(gzipSync(Buffer.from('whole')).subarray(0, 15))).toMatchObject({
    says: expect.stringContaining('not valid'),
  });
  expect(inflateGelf(Buffer.from([0x78, 0x9c, 1, 2, 3]))).toMatchObject({ says: expect.stringContaining('not valid') });
});

test('any JSON object is an event that passes the edge', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'short_message',
      'full_message',
      'timestamp',
      'level',
      'host',
      '_service',
      'facility',
      '_trace_id',
      '_id',
      '_',
      '__proto__',
    ),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), (message) => {
      const event = gelfEvent(Buffer.from(JSON.stringify(message)), understandNothing);
      expect(event instanceof Refused ? event.says : prepareEvent(event, 0)).toMatchObject({ ok: true });
    }),
    { seed: 9, numRuns: 3000 },
  );
});

test('any bytes are taken for compressed or not, and do no harm', () => {
  const head = fc.constantFrom([], [0x1f, 0x8b], [0x1f, 0x8b, 8, 0], [0x78, 0x9c]);
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 100 }), (first, bytes) => {
      const given = Buffer.from([...first, ...bytes]);
      const inflated = inflateGelf(given);
      if (!(inflated instanceof Refused) && first.length === 0) expect(inflated).toEqual(given);
    }),
    { seed: 10, numRuns: 2000 },
  );
});
