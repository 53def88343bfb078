import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from './event.ts';
import {
  compileFilter,
  FILTER_SERVICES_MAX,
  type Filter,
  filterFromQuery,
  filterKey,
  filterToQuery,
  isFilterNone,
  narrowFilter,
  widenFilter,
} from './filter.ts';
import { LEVELS } from './level.ts';
import type { PreparedEvent } from './prepared-event.ts';
import { stripAnsi } from './strip-ansi.ts';
import { filterOf, prepared, searchableEvent } from './testing/arbitraries.ts';

/** The rule as the docs say it, without any short cut. */
function naive(filter: Filter, event: PreparedEvent): boolean {
  const body = JSON.parse(event.body);
  if (filter.kind && body.kind !== filter.kind) return false;
  if (filter.level && (body.kind !== 'log' || LEVELS.indexOf(body.level) < LEVELS.indexOf(filter.level))) return false;
  if (filter.services?.length && !filter.services.includes(body.service)) return false;
  if (!filter.q) return true;
  const texts: string[] = [stripAnsi(body.message ?? body.name)];
  const walk = (value: JsonValue): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
    else texts.push(stripAnsi(String(value)));
  };
  walk(body.attributes ?? {});
  const fold = (text: string): string =>
    Array.from({ length: text.length }, (_, index) => {
      const upper = text.charAt(index).toUpperCase();
      const foldsOntoAscii = text.charCodeAt(index) > 127 && upper.charCodeAt(0) < 128;
      return upper.length === 1 && !foldsOntoAscii ? upper : text.charAt(index);
    }).join('');
  return texts.some((text) => fold(text).includes(fold(filter.q ?? '')));
}

test('a compiled filter judges as the naive rule does', () => {
  fc.assert(
    fc.property(filterOf, searchableEvent, (filter, event) => {
      expect(compileFilter(filter)(event)).toBe(naive(filter, event));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test.each([
  ['a quotation mark inside nested values', { list: ['say "hi"'] }, '"hi"', true],
  ['the syntax between nested values', { list: ['a', 'b'] }, '","', false],
  ['a number', { count: 1234 }, '23', true],
  ['a boolean', { ok: true }, 'TRUE', true],
  ['a key', { needle: 1 }, 'needle', false],
  ['a backslash', { path: 'C:\\temp' }, 'c:\\T', true],
  ['a line end', { text: 'one\ntwo' }, 'one\ntwo', true],
  ['the kind of the event', { a: 1 }, 'log', false],
  ['a word with colours in its midst', { text: 'al\u001b[31mar\u001b[0mm' }, 'ALARM', true],
  ['the digits of a colour', { text: '\u001b[31mred\u001b[0m' }, '31m', false],
])('the text filter on %s', (_title, attributes, q, expected) => {
  expect(compileFilter({ q })(prepared({ message: 'm', attributes }))).toBe(expected);
});

test('a widened filter lets through everything that either does', () => {
  fc.assert(
    fc.property(filterOf, filterOf, searchableEvent, (a, b, event) => {
      const either = compileFilter(a)(event) || compileFilter(b)(event);
      if (either) expect(compileFilter(widenFilter(a, b))(event)).toBe(true);
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test('a widened filter is one a stream accepts, however many services were asked for', () => {
  const some = (prefix: string) => Array.from({ length: FILTER_SERVICES_MAX }, (_, index) => `${prefix}${index}`);
  const wide = widenFilter({ services: some('a') }, { services: some('b') });
  expect(() => filterFromQuery(filterToQuery(wide))).not.toThrow();
  expect(wide.services).toBeUndefined();
});

test('filters with the same key give the same verdicts', () => {
  const fold = fc.constantFrom(
    (text: string) => text.toUpperCase(),
    (text: string) => text.toLowerCase(),
    (text: string) => text,
  );
  fc.assert(
    fc.property(filterOf, fold, searchableEvent, (a, foldText, event) => {
      const b: Filter = {
        ...a,
        ...(a.q && { q: foldText(a.q) }),
        ...(a.services && { services: [...a.services, ...a.services].reverse() }),
      };
      if (filterKey(a) === filterKey(b)) expect(compileFilter(a)(event)).toBe(compileFilter(b)(event));
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test('order, repetition and ASCII case do not make another key, other letters do', () => {
  expect(filterKey({ services: ['b', 'a', 'b'], q: 'ERROR' })).toBe(filterKey({ services: ['a', 'b'], q: 'error' }));
  expect(filterKey({ q: 'É' })).not.toBe(filterKey({ q: 'é' }));
  expect(filterKey({ services: ['a,b'] })).not.toBe(filterKey({ services: ['a', 'b'] }));
});

test('a filter survives being written as a query and read back', () => {
  fc.assert(
    fc.property(filterOf, (filter) => {
      const back = filterFromQuery(new URLSearchParams(filterToQuery(filter).toString()));
      expect(filterKey(back)).toBe(filterKey(filter));
      expect(isFilterNone(back)).toBe(isFilterNone(filter));
    }),
    { seed: 4 },
  );
});

test.each([
  'kind=trace',
  'level=loud',
  `q=${'x'.repeat(513)}`,
  Array.from({ length: 33 }, (_, i) => `service=${i}`).join('&'),
])('the query %.40s is refused by name', (query) => {
  const parameter = query.slice(0, query.indexOf('='));
  expect(() => filterFromQuery(new URLSearchParams(query))).toThrow(new RegExp(parameter));
});

test('empty parameters mean no filter', () => {
  expect(filterFromQuery(new URLSearchParams('kind=&service=&level=&q='))).toEqual({});
});

test('a narrowed filter lets through exactly what both let through', () => {
  const service = fc.constantFrom('a', 'b', 'c');
  const services = fc.option(fc.uniqueArray(service, { minLength: 1 }), { nil: undefined });
  const level = fc.option(fc.constantFrom(...LEVELS), { nil: undefined });
  const limit = fc.record({ services, level });
  const event = fc.record({
    kind: fc.constantFrom('log' as const, 'metric' as const),
    rank: fc.integer({ min: -1, max: 5 }),
    service,
    body: fc.constant('{}'),
  });
  const clean = (given: object): Filter =>
    Object.fromEntries(Object.entries(given).filter(([, value]) => value)) as Filter;
  fc.assert(
    fc.property(limit, limit, event, (asked, granted, given) => {
      const both = compileFilter(clean(asked))(given) && compileFilter(clean(granted))(given);
      expect(compileFilter(narrowFilter(clean(asked), clean(granted)))(given)).toBe(both);
    }),
  );
  expect(narrowFilter({ q: 'x' }, undefined)).toEqual({ q: 'x' });
  expect(compileFilter(narrowFilter({}, { topics: [] }))({ kind: 'log', rank: 5, service: 'a', body: '{}' })).toBe(
    false,
  );
});
