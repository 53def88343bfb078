import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  EVENT_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  NAME_CHARS_MAX,
} from './event.ts';
import { prepareEvent } from './prepared-event.ts';
import { eventInput, prepared } from './testing/arbitraries.ts';

const NOW = Date.UTC(2026, 0, 1);
const body = (input: unknown) => JSON.parse(prepared(input, NOW).body);
const errorOf = (input: unknown) => {
  const result = prepareEvent(input, NOW);
  return result.ok ? undefined : result.error;
};

test('whatever a sender writes is accepted as clean JSON that begins with kind and time, or refused with a sentence', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        eventInput,
        fc.jsonValue().map((value) => value as unknown),
        fc.anything(),
      ),
      (input) => {
        const result = prepareEvent(input, NOW);
        if (!result.ok) {
          expect(result.error).toMatch(/\S/);
          return;
        }
        const { event } = result;
        expect(event.body).toMatch(/^\{"kind":"(log|metric)","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/);
        expect(event.body).not.toMatch(/[\r\n\0]/);
        expect(event.body.isWellFormed()).toBe(true);
        expect(JSON.stringify(JSON.parse(event.body))).toBe(event.body);
        expect(Date.parse(JSON.parse(event.body).time)).toBe(event.timeMs);
        expect(JSON.parse(event.body).service).toBe(event.service);
      },
    ),
    { seed: 1, numRuns: 2000 },
  );
});

test('a plain log gets its defaults', () => {
  expect(body({ message: 'hello' })).toEqual({
    kind: 'log',
    time: '2026-01-01T00:00:00.000Z',
    level: 'info',
    service: 'unknown',
    message: 'hello',
  });
});

test('a metric keeps value, unit, type and sorted labels', () => {
  const event = prepared({ kind: 'metric', name: 'cpu', value: 0.5, unit: '%', attributes: { b: 1, a: 'x' } }, NOW);
  expect(event.sample).toEqual({ name: 'cpu', value: 0.5, type: 'gauge', unit: '%', labels: '{"a":"x","b":1}' });
  expect(event.rank).toBe(-1);
});

test('keys of other loggers become attributes, and an attribute of the same name wins', () => {
  expect(body({ message: 'm', pid: 7, host: 'h', attributes: { host: 'mine' } }).attributes).toEqual({
    pid: 7,
    host: 'mine',
  });
});

test('a level nobody knows is kept as an attribute of an info', () => {
  expect(body({ message: 'm', level: 'constructor' })).toMatchObject({
    level: 'info',
    attributes: { level: 'constructor' },
  });
  expect(body({ message: 'm', level: 'CRIT' })).not.toHaveProperty('attributes');
});

test('keys such as __proto__ change no object', () => {
  const input = JSON.parse(
    '{"message":"m","__proto__":{"polluted":1},"attributes":{"__proto__":{"polluted":1},"constructor":"c"}}',
  );
  const event = prepared(input, NOW);
  expect(JSON.parse(event.body).attributes.constructor).toBe('c');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  // It is kept, as the data that it is.
  expect(Object.getOwnPropertyDescriptor(JSON.parse(event.body).attributes, '__proto__')?.value).toEqual({
    polluted: 1,
  });
});

test('flags tell what was noticed', () => {
  expect(body({ message: 'a\0b' })).toMatchObject({ message: 'a␀b', flags: ['control-characters'] });
  expect(body({ message: 'm', time: '1969-12-31T23:59:59Z' }).flags).toEqual(['time-before-1970']);
  expect(body({ message: 'm', time: NOW + 3_600_001 }).flags).toEqual(['time-in-future']);
  expect(body({ message: 'm', time: NOW + 3_600_000 })).not.toHaveProperty('flags');
});

describe('limits', () => {
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

  test.each<[string, (over: boolean) => unknown]>([
    ['message in bytes', (over) => ({ message: 'é'.repeat(MESSAGE_BYTES_MAX / 2) + (over ? 'x' : '') })],
    ['number of attributes', (over) => ({ message: 'm', attributes: attributes(ATTRIBUTES_MAX + (over ? 1 : 0)) })],
    ['attributes with the extra keys', (over) => ({ message: 'm', ...attributes(ATTRIBUTES_MAX + (over ? 1 : 0)) })],
    ['length of a key', (over) => ({ message: 'm', attributes: { ['k'.repeat(over ? 257 : 256)]: 1 } })],
    [
      'bytes of a value',
      (over) => ({ message: 'm', attributes: { a: 'x'.repeat(ATTRIBUTE_VALUE_BYTES_MAX + (over ? 1 : 0)) } }),
    ],
    [
      'bytes of a nested value',
      (over) => ({ message: 'm', attributes: { a: ['x'.repeat(ATTRIBUTE_VALUE_BYTES_MAX - (over ? 3 : 4))] } }),
    ],
    ['length of a service', (over) => ({ message: 'm', service: 's'.repeat(NAME_CHARS_MAX + (over ? 1 : 0)) })],
    ['nesting', (over) => ({ message: 'm', attributes: { a: nested(over ? 63 : 62) } })],
  ])('%s: at the limit accepted, above it refused', (_title, make) => {
    expect(errorOf(make(false))).toBeUndefined();
    expect(errorOf(make(true))).toMatch(/expected/);
  });

  test('a message in which every byte needs an escape fits', () => {
    expect(errorOf({ message: '\u001b'.repeat(MESSAGE_BYTES_MAX) })).toBeUndefined();
  });

  test('an event that is larger as JSON than a client reads is refused', () => {
    const big = Object.fromEntries(
      Array.from({ length: ATTRIBUTES_MAX }, (_, i) => [`k${i}`, '"'.repeat(ATTRIBUTE_VALUE_BYTES_MAX)]),
    );
    expect(errorOf({ message: 'm', attributes: big })).toBe(`event: expected at most ${EVENT_BYTES_MAX} bytes as JSON`);
  });

  test('nesting that would overflow the stack is refused, not thrown', () => {
    expect(errorOf({ message: 'm', attributes: { a: nested(100_000) } })).toMatch(/levels of nesting/);
    expect(errorOf({ message: 'm', extra: nested(100_000) })).toMatch(/levels of nesting/);
  });
});

test.each<[unknown, RegExp]>([
  [null, /expected an object.*got null/],
  [[], /got an array/],
  ['text', /got "text"/],
  [{ kind: 'trace', message: 'm' }, /kind: expected "log" or "metric", got "trace"/],
  [{}, /message/],
  [{ message: 5 }, /message/],
  [{ message: 'm', time: 'yesterday' }, /time: expected ISO 8601.*got "yesterday"/],
  [{ message: 'm', attributes: [] }, /attributes/],
  [{ kind: 'metric', name: 'm' }, /value/],
  [{ kind: 'metric', name: '', value: 1 }, /name/],
  [{ kind: 'metric', name: 'm', value: Number.POSITIVE_INFINITY }, /value/],
  [{ kind: 'metric', name: 'm', value: Number.NaN }, /value/],
  [{ kind: 'metric', name: 'm', value: 1, type: 'histogram' }, /type/],
])('%j is refused and the sentence names the field', (input, expected) => {
  expect(errorOf(input)).toMatch(expected);
});
