import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsOf, sustained, toneOf } from './limits.ts';
import { calmReport, seconds } from './testing/system-report.ts';

describe('sustained', () => {
  test('one spike is no verdict, nor are two; three of the last five seconds are', () => {
    expect(sustained(seconds('cpu', [5, 99, 5, 5, 5]), 'cpu')).toBe(5);
    expect(sustained(seconds('cpu', [5, 99, 5, 98, 5]), 'cpu')).toBe(5);
    expect(sustained(seconds('cpu', [97, 99, 5, 98, 5]), 'cpu')).toBe(97);
  });

  test('what was before the last five seconds is forgotten', () => {
    expect(sustained(seconds('cpu', [99, 99, 99, 1, 2, 3, 4, 5]), 'cpu')).toBe(3);
  });

  test('seconds without a measurement speak for nothing', () => {
    expect(sustained(seconds('cpu', [99, undefined, 99, undefined, undefined]), 'cpu')).toBeUndefined();
    expect(sustained(seconds('cpu', [99, undefined, 98, undefined, 97]), 'cpu')).toBe(97);
    expect(sustained([], 'cpu')).toBeUndefined();
  });

  test('a limit is reached exactly when three of the last five seconds reach it', () => {
    const percent = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(fc.array(percent, { minLength: 5, maxLength: 20 }), percent, (values, alarm) => {
        const reached = values.slice(-5).filter((value) => value >= alarm).length >= 3;
        expect(toneOf(sustained(seconds('cpu', values), 'cpu'), { warn: undefined, alarm }) === 'bad').toBe(reached);
      }),
      { seed: 1 },
    );
  });
});

describe('limitsOf', () => {
  test('memory is judged by its soft limit, descriptors by what the process may open', () => {
    expect(limitsOf('rssBytes', calmReport())).toEqual({ warn: 900, alarm: 1000 });
    expect(limitsOf('descriptors', calmReport())).toEqual({ warn: 800, alarm: 950 });
    expect(limitsOf('cpu', calmReport())).toEqual({ warn: 70, alarm: 90 });
  });

  test('where nobody knows how many descriptors may be open they are not judged', () => {
    const { descriptorsMax: _, ...unknown } = calmReport();
    expect(limitsOf('descriptors', unknown)).toEqual({ warn: undefined, alarm: undefined });
  });
});

describe('toneOf', () => {
  test('is good below, warns at and beyond the first limit, alarms at and beyond the second', () => {
    const limits = { warn: 10, alarm: 20 };
    expect([9.9, 10, 19.9, 20].map((value) => toneOf(value, limits))).toEqual(['good', 'warn', 'warn', 'bad']);
  });

  test('has no opinion without limits or without a value', () => {
    expect(toneOf(5, { warn: undefined, alarm: undefined })).toBe('neutral');
    expect(toneOf(undefined, { warn: 1, alarm: 2 })).toBe('neutral');
  });
});
