import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLevel, LEVELS, parseLevel, RANK_NONE, rankOf } from './level.ts';

test('ranks rise with severity and lie above that of a metric', () => {
  expect(LEVELS.map(rankOf)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(RANK_NONE).toBeLessThan(rankOf('trace'));
});

test.each([
  ['INFO', 'info'],
  [' Warning ', 'warn'],
  ['crit', 'fatal'],
  ['notice', 'info'],
  ['verbose', 'trace'],
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
  [35, 'warn'],
])('%j is the level %s', (input, level) => {
  expect(parseLevel(input)).toBe(level);
});

test.each(['', 'loud', 'constructor', '__proto__', 'tostring', 'valueof', 0, 4, 70, -10, Number.NaN])(
  '%j is no level',
  (input) => {
    expect(parseLevel(input)).toBeUndefined();
  },
);

test('any input gives a level or nothing', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.double(), fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))),
      (input) => {
        const level = parseLevel(input);
        expect(level === undefined || isLevel(level)).toBe(true);
      },
    ),
    { seed: 1 },
  );
});
