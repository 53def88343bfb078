import { describe, expect, test } from 'vitest';
import type { PhaseChange } from '@/lib/client/state.ts';
import { phaseBands, timelineSpanMs } from './phase-bands.ts';

const change = (phase: PhaseChange['phase'], atMs: number): PhaseChange => ({ phase, atMs, cause: '' });
const drawn = (changes: PhaseChange[]) =>
  phaseBands(changes, 100, 200).map((band) => [band.phase, band.fromMs, band.toMs]);

describe('phaseBands', () => {
  test('bands meet without holes and the last one reaches the present', () => {
    expect(drawn([change('connecting', 110), change('live', 120), change('waiting', 150)])).toEqual([
      ['connecting', 110, 120],
      ['live', 120, 150],
      ['waiting', 150, 200],
    ]);
  });

  test('a phase that began before the window is cut, one that ended before it is left out', () => {
    expect(drawn([change('connecting', 10), change('live', 50)])).toEqual([['live', 100, 200]]);
  });

  test('phases without length are left out', () => {
    expect(drawn([change('connecting', 120), change('live', 120)])).toEqual([['live', 120, 200]]);
  });
});

test('the timeline grows with what there is to show, up to an hour', () => {
  const spans = [0, 300_000, 300_001, 2_000_000, 9_000_000].map((ageMs) => timelineSpanMs([change('live', 0)], ageMs));
  expect(spans.map((spanMs) => spanMs / 60_000)).toEqual([5, 5, 15, 60, 60]);
  expect(timelineSpanMs([], 5)).toBe(300_000);
});
