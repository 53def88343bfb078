import { hasAnsi, splitAnsi } from '@/lib/core/strip-ansi.ts';

/** Text that looks the same from its first to its last character. */
export type Run = { readonly text: string; readonly className: string };

/** Black and white are what the theme writes with; red to cyan are its own, so that each can be read in both themes. */
const COLOURS = [
  '',
  'text-bad',
  'text-good',
  'text-warn',
  'text-(--level-info)',
  'text-(--source-7)',
  'text-accent',
  '',
];
const GREY = 'text-ink-faint';
const RUNS_MAX = 500;

type Look = { colour: string; isBold: boolean; isDim: boolean; isItalic: boolean; isUnderlined: boolean };

const PLAIN: Look = { colour: '', isBold: false, isDim: false, isItalic: false, isUnderlined: false };

/**
 * What a terminal would show of a text, as far as it can be read here: colours of letters, bold, dim, italic, underlined
 * (ECMA-48 §8.3.117). Backgrounds, blinking and everything that moves a cursor are left out.
 */
export function ansiRuns(text: string): Run[] {
  if (!hasAnsi(text)) return [{ text, className: '' }];
  const runs: Run[] = [];
  let look = PLAIN;
  // Texts stand at even places, escape sequences at odd ones.
  for (const [index, part] of splitAnsi(text).entries()) {
    if (index % 2 === 1) look = behind(look, part);
    else if (part !== '') push(runs, part, classOf(look));
  }
  return runs;
}

/** Beyond the bound the rest has no colour: one for each letter of a long line would be thousands of elements. */
function push(runs: Run[], text: string, wanted: string): void {
  const className = runs.length < RUNS_MAX ? wanted : '';
  const last = runs.at(-1);
  if (last?.className === className) runs[runs.length - 1] = { text: last.text + text, className };
  else runs.push({ text, className });
}

function classOf({ colour, isBold, isDim, isItalic, isUnderlined }: Look): string {
  const dim = isDim && colour === '' ? 'text-ink-soft' : colour;
  return [dim, isBold && 'font-semibold', isItalic && 'italic', isUnderlined && 'underline'].filter(Boolean).join(' ');
}

/** `ESC [ 1 ; 31 m`; any other sequence changes nothing. */
function behind(look: Look, sequence: string): Look {
  const inside = sequence.slice(sequence.startsWith('\u001b[') ? 2 : 1, -1);
  if (!sequence.endsWith('m') || !/^[\d;:]*$/.test(inside)) return look;
  const codes = inside.split(/[;:]/).map(Number);
  let now = look;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    const isLong = code === 38 || code === 48;
    const length = isLong ? (codes[index + 1] === 5 ? 2 : 4) : 0;
    if (code === 38) now = { ...now, colour: longColour(codes.slice(index + 1, index + 1 + length)) };
    else if (!isLong) now = changed(now, code);
    index += length;
  }
  return now;
}

function changed(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, isBold: true };
  if (code === 2) return { ...look, isDim: true };
  if (code === 3) return { ...look, isItalic: true };
  if (code === 4) return { ...look, isUnderlined: true };
  if (code === 22) return { ...look, isBold: false, isDim: false };
  if (code === 23) return { ...look, isItalic: false };
  if (code === 24) return { ...look, isUnderlined: false };
  if (code === 39) return { ...look, colour: '' };
  if (code === 90) return { ...look, colour: GREY };
  if (code >= 30 && code <= 37) return { ...look, colour: COLOURS[code - 30] ?? '' };
  return code >= 91 && code <= 97 ? { ...look, colour: COLOURS[code - 90] ?? '' } : look;
}

/** Of 256 colours (`5;n`) or of all (`2;r;g;b`) the nearest of ours: the hue is the program's, the lightness the theme's. */
function longColour([kind, first = 0, green = 0, blue = 0]: readonly number[]): string {
  if (kind === 2) return nearest(first, green, blue);
  if (first < 16) return changed(PLAIN, first < 8 ? 30 + first : 82 + first).colour;
  if (first > 231) return first < 250 ? GREY : '';
  const cube = first - 16;
  return nearest(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
}

/** Where each of red, yellow, green, cyan, blue and magenta ends on the circle of hues, in degrees. */
const HUES: readonly (readonly [end: number, colour: number])[] = [
  [20, 1],
  [75, 3],
  [165, 2],
  [200, 6],
  [265, 4],
  [330, 5],
  [361, 1],
];

function nearest(red: number, green: number, blue: number): string {
  const max = Math.max(red, green, blue);
  const range = max - Math.min(red, green, blue);
  if (range < 40) return max > 60 && max < 200 ? GREY : '';
  const sixth =
    max === red ? (green - blue) / range : max === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  const hue = (sixth * 60 + 360) % 360;
  return COLOURS[HUES.find(([end]) => hue < end)?.[1] ?? 0] ?? '';
}
