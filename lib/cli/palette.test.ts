import { expect, test } from 'vitest';
import { COLOURED, PLAIN, paletteFor } from './palette.ts';

test.each([
  ['a terminal gets colours', undefined, true, undefined, COLOURED],
  ['a pipe gets none', undefined, false, undefined, PLAIN],
  ['NO_COLOR takes them from a terminal', undefined, true, '1', PLAIN],
  ['an empty NO_COLOR means nothing', undefined, true, '', COLOURED],
  ['--color wins over both', true, false, '1', COLOURED],
  ['--no-color takes them from a terminal', false, true, undefined, PLAIN],
])('%s', (_, asked, isTerminal, noColour, palette) => {
  expect(paletteFor(asked, isTerminal, noColour)).toBe(palette);
});
