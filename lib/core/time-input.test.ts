import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareEvent } from './prepared-event.ts';
import { timeInput } from './time-input.ts';

const timeOf = (timeMs: number) => {
  const prepared = prepareEvent({ kind: 'log', message: 'm', time: timeInput(timeMs) }, 0);
  return prepared.ok ? prepared.event.timeMs : undefined;
};

test('a time in ms is that time, whatever its size would make of it', () => {
  const years = { min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) };
  fc.assert(
    fc.property(fc.integer(years), (timeMs) => timeOf(timeMs) === timeMs),
    { seed: 7 },
  );
  for (const timeMs of [0, 1, -1, 5000, 1e11 - 1, 1e11, 1e14 - 1, 1e14]) expect(timeOf(timeMs)).toBe(timeMs);
});

test('what is no time is refused, not moved', () => {
  for (const timeMs of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, 8.64e15 + 2, 2 ** 63, -(2 ** 63)]) {
    expect(timeOf(timeMs), String(timeMs)).toBeUndefined();
  }
});
