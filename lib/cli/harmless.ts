import { TERMINAL_CONTROL } from './terminal-controls.ts';

/**
 * A sender's text as a terminal may get it. Colours (SGR) are taken out, since a coloured message is common and its colours
 * would read as noise. Every other control character is shown as what it is and does nothing: ESC as "␛", U+009B as
 * "<U+009B>", and so are the characters that change the direction of a line, with which a text can pretend to be another.
 * Tabs stay; line ends are the caller's, see `linesOf`.
 */
export function harmless(text: string): string {
  return text.replace(COLOURS, '').replace(TERMINAL_CONTROL, visible);
}

/** The lines of a text, each harmless: a carriage return before a line end is part of it. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map(harmless);
}

/** JSON that does nothing on a terminal and is the same value still: JSON.stringify leaves all but U+0000–001F as it is. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(TERMINAL_CONTROL, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const COLOURS = /\u001b\[[0-9;:]*m/g;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
