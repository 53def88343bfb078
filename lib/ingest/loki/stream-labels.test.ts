import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStreamLabels } from './stream-labels.ts';

const goQuoted = (text: string) => JSON.stringify(text);

test('labels are read as Go writes them', () => {
  expect(parseStreamLabels('{}')).toEqual([]);
  expect(parseStreamLabels('{app="shop", level="info"}')).toEqual([
    ['app', 'shop'],
    ['level', 'info'],
  ]);
  expect(parseStreamLabels(' { app = "shop" , } ')).toEqual([['app', 'shop']]);
  expect(parseStreamLabels('{p="C:\\\\logs\\"x\\"\\n\\x41\\u00e9\\U0001f600\\101"}')).toEqual([
    ['p', 'C:\\logs"x"\nAé😀A'],
  ]);
  expect(parseStreamLabels('{empty=""}')).toEqual([['empty', '']]);
});

test('quotes that the sender forgot to escape belong to the value', () => {
  expect(parseStreamLabels('{level="info",q="say "hello" now",app="a"}')).toEqual([
    ['level', 'info'],
    ['q', 'say "hello" now'],
    ['app', 'a'],
  ]);
  expect(parseStreamLabels('{q="{"a":1}",b="2"}')).toEqual([
    ['q', '{"a":1}'],
    ['b', '2'],
  ]);
});

test.each(['', 'app="x"', '{app=x}', '{app="x"', '{app="x} ', '{="x"}', '{app="x"}}', '{1a="x"}', '{a="\\"}'])(
  '%s: the sentence says what was expected and where',
  (text) => {
    expect(parseStreamLabels(text)).toMatch(/^expected labels such as .* at character \d+$/);
  },
);

test('whatever a label holds is read back, when it is escaped', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/);
  const labels = fc.array(fc.tuple(name, fc.string({ unit: 'binary', maxLength: 60 })), { maxLength: 8 });
  fc.assert(
    fc.property(labels, (given) => {
      const text = `{${given.map(([key, value]) => `${key}=${goQuoted(value)}`).join(', ')}}`;
      expect(parseStreamLabels(text)).toEqual(given);
    }),
    { seed: 11 },
  );
});

test('hostile labels are read or refused before the test runs out of time', () => {
  for (const piece of ['" ', '"}', '",', '\\"', '"}  ', 'x']) {
    expect(parseStreamLabels(`${'{a="'.padEnd(60_000, piece)}x`)).toMatch(/^expected labels/);
  }
  expect(parseStreamLabels(`{a="${'x'.repeat(70_000)}"}`)).toContain('65536');
});
