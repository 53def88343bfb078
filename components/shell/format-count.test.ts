import { describe, expect, test } from 'vitest';
import { formatCount, formatCounted, formatDuration } from './format-count.ts';

describe('formatCount', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
    [-4200, '-4,200'],
    [1234.5678, '1,234.5678'],
  ])('writes %d as %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  test('one thing is singular, none and many are plural', () => {
    expect([0, 1, 2].map((count) => formatCounted(count, 'line'))).toEqual(['0 lines', '1 line', '2 lines']);
  });
});

describe('formatDuration', () => {
  test.each([
    [-5, '0 ms'],
    [12, '12 ms'],
    [4200, '4.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_600, '1 min'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_605_000, '1 h'],
    [93_784_000, '1 d 2 h'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});
