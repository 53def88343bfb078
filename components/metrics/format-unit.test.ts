import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisTicks, formatValue, rateUnit } from './format-unit.ts';

describe('formatValue', () => {
  test.each([
    [0, 'By', '0 B'],
    [1536, 'By', '1.5 KiB'],
    [8 * 1024 ** 3, 'By', '8 GiB'],
    [1023.9, 'By', '1 KiB'],
    [2_500_000, 'By/s', '2.38 MiB/s'],
    [2, 'MiBy', '2 MiB'],
    [12.345, '%', '12.3 %'],
    [100, '%', '100 %'],
    [0.25, 's', '250 ms'],
    [1500, 'ms', '1.5 s'],
    [0.004, 'ms', '4 µs'],
    [7200, 's', '2 h'],
    [12_345, '1', '12.3 k'],
    [-12_345, '1', '-12.3 k'],
    [3, '{requests}', '3'],
    [42, '/s', '42/s'],
    [4200, '{requests}/s', '4.2 k/s'],
    [21.5, 'Cel', '21.5 °C'],
    [7, 'widgets', '7 widgets'],
    [0.0001, '1', '1.0e-4'],
  ])('writes %d %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  test('a number never takes more than four digits, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 8e10, noNaN: true }),
        fc.constantFrom('1', '%', 'ms', ''),
        (value, unit) => {
          const digits =
            formatValue(value, unit)
              .match(/^[\d.]+/)?.[0]
              .replaceAll(/^0\.|\./g, '') ?? '';
          return digits.length <= (unit === '%' ? 11 : 4);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('rateUnit', () => {
  test('a counter of things becomes things a second', () => {
    expect(['1', '', 'By', '{requests}'].map(rateUnit)).toEqual(['/s', '/s', 'By/s', '{requests}/s']);
  });
});

describe('axisTicks', () => {
  test('bytes go in powers of two, other units in 1, 2 and 5', () => {
    expect(axisTicks(0, 700 * 1024 ** 2, 'By')).toEqual([0, 256, 512, 768].map((each) => each * 1024 ** 2));
    expect(axisTicks(0, 100, '%')).toEqual([0, 50, 100]);
    expect(axisTicks(0, 0.03, 's').map((each) => formatValue(each, 's'))).toEqual(['0 s', '10 ms', '20 ms', '30 ms']);
  });

  test('a line that never left zero has room above it', () => {
    expect(axisTicks(0, 0, 'By')).toEqual([0, 1]);
  });

  test('the ticks enclose the values and are few, whatever the values', () => {
    const values = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => Math.round(value * 1000) / 1000);
    fc.assert(
      fc.property(values, values, fc.constantFrom('By', '%', 's', 'ms', '1', 'By/s'), (a, b, unit) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const ticks = axisTicks(min, max, unit);
        const slack = Math.abs(max - min) * 1e-6 + 1e-6;
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks[0]).toBeLessThanOrEqual(min + slack);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max - slack);
      }),
      { seed: 1 },
    );
  });
});
