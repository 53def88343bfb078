import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAppError } from '@/lib/core/errors.ts';
import { parseStreamRequest } from './stream-request.ts';

const NOW = Date.UTC(2026, 0, 1);
const parse = (query: string, lastEventId: string | null = null) =>
  parseStreamRequest(new URLSearchParams(query), lastEventId, NOW);
const at = (seq: number) => ({ kind: 'position', position: { epoch: 'abcdefgh', seq } });

test.each<[string, object]>([
  ['', { kind: 'now' }],
  ['from=', { kind: 'now' }],
  ['from=now', { kind: 'now' }],
  ['from=abcdefgh.7', at(7)],
  ['from=-15m', { kind: 'time', timeMs: NOW - 900_000 }],
  ['from=2026-01-01T00:00:00Z', { kind: 'time', timeMs: NOW }],
  [`from=${NOW / 1000}`, { kind: 'time', timeMs: NOW }],
  ['lastEventId=abcdefgh.9&from=now', at(9)],
  ['last_event_id=abcdefgh.9', at(9)],
  ['lastEventId=nonsense', { kind: 'malformed' }],
])('?%s begins there', (query, start) => {
  expect(parse(query).start).toEqual(start);
});

test('Last-Event-ID wins over the query, and nonsense in it is no error', () => {
  expect(parse('from=-1h&lastEventId=abcdefgh.1', 'abcdefgh.5').start).toEqual(at(5));
  expect(parse('from=-1h', 'x').start).toEqual({ kind: 'malformed' });
  expect(parse('from=abcdefgh.2', '').start).toEqual(at(2));
});

test.each([
  ['from=yesterday', /^from: /],
  ['speed=0', /^speed: /],
  ['speed=-1', /^speed: /],
  ['speed=x', /^speed: /],
  ['speed=10001', /^speed: /],
  ['speed=Infinity', /^speed: /],
  ['level=loud', /^level: /],
  ['kind=span', /^kind: /],
])('?%s is a bad request that names the parameter', (query, message) => {
  expect(() => parse(query)).toThrow(
    expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) }),
  );
});

test('the filter and the speed are read', () => {
  expect(parse('kind=log&service=a&service=b&level=WARN&q=x&speed=0.5')).toEqual({
    filter: { kind: 'log', services: ['a', 'b'], level: 'warn', q: 'x' },
    start: { kind: 'now' },
    speed: 0.5,
  });
});

test('no query and no header does anything but parse or be a bad request', () => {
  const names = fc.constantFrom('from', 'kind', 'service', 'level', 'q', 'speed', 'lastEventId');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, fc.string({ unit: 'binary' })), { maxLength: 5 }),
      fc.option(fc.string()),
      (pairs, id) => {
        try {
          parseStreamRequest(new URLSearchParams(pairs), id, NOW);
        } catch (error) {
          expect(isAppError(error) && error.code).toBe('bad-request');
        }
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
