import { expect, test } from 'vitest';
import type { JsonValue } from '@/lib/core/event.ts';
import { asAttributes, asName, asText } from './field-kinds.ts';

test('attributes are what is there', () => {
  const entries: [string, JsonValue | undefined][] = [
    ['a', 1],
    ['b', undefined],
    ['c', { d: [null, true] }],
  ];
  expect(asAttributes(entries)).toEqual({ a: 1, c: { d: [null, true] } });
  expect(asAttributes([['b', undefined]])).toBeUndefined();
  expect(Object.keys(asAttributes([['__proto__', 'x']]) ?? {})).toEqual(['__proto__']);
});

test('a name is trimmed and cut, and an empty one is none', () => {
  expect([asName('  api '), asName(' '), asName(undefined), asName('x'.repeat(300))?.length]).toEqual([
    'api',
    undefined,
    undefined,
    256,
  ]);
});

test('a value is its own text, or its JSON, or too deep for it, which is no error', () => {
  let deep: JsonValue = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect([asText('t'), asText({ a: [1] }), asText(deep)]).toEqual([
    't',
    '{"a":[1]}',
    expect.stringContaining('too deeply'),
  ]);
});
