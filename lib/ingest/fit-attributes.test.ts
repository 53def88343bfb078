import { expect, test } from 'vitest';
import { ATTRIBUTE_VALUE_BYTES_MAX, ATTRIBUTES_MAX, type JsonValue } from '@/lib/core/event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { fitAttributes, fitName, jsonText } from './fit-attributes.ts';

test('what is within the limits stays as it is, and what is undefined is left out', () => {
  expect(
    fitAttributes([
      ['a', 1],
      ['b', undefined],
      ['c', { d: [null, true] }],
    ]),
  ).toEqual({ a: 1, c: { d: [null, true] } });
  expect(fitAttributes([['b', undefined]])).toBeUndefined();
});

test('too many, too long, too large: the event passes the edge all the same, and says what was left out', () => {
  const entries = Array.from({ length: 300 }, (_, index): [string, JsonValue] => [`${'k'.repeat(300)}${index}`, index]);
  const attributes = fitAttributes([
    ['text', 'é'.repeat(ATTRIBUTE_VALUE_BYTES_MAX)],
    ['object', { inner: 'x'.repeat(20_000) }],
    ...Array.from({ length: 300 }, (_, index): [string, JsonValue] => [`k${index}`, index]),
  ]);
  expect(Object.keys(attributes ?? {})).toHaveLength(ATTRIBUTES_MAX);
  expect(attributes?.['attributesLeftOut']).toBe(302 - (ATTRIBUTES_MAX - 1));
  expect(prepareEvent({ message: 'm', attributes }, 0)).toMatchObject({ ok: true });
  expect(prepareEvent({ message: 'm', attributes: fitAttributes(entries) }, 0)).toMatchObject({ ok: true });
});

test('a key "__proto__" stays data', () => {
  const attributes = fitAttributes([['__proto__', 'x']]);
  expect(Object.keys(attributes ?? {})).toEqual(['__proto__']);
});

test('a name is trimmed and cut, and an empty one is none', () => {
  expect([fitName('  api '), fitName(' '), fitName(undefined), fitName('x'.repeat(300))?.length]).toEqual([
    'api',
    undefined,
    undefined,
    256,
  ]);
});

test('what is nested too deeply for JSON is not an error', () => {
  let deep: JsonValue = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(jsonText(deep)).toContain('too deeply');
});
