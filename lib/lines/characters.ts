/** Characters by their code: what scans lines by hand compares numbers. Past the end the code is NaN, which is nothing. */
export const SPACE = 0x20;
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const PIPE = 0x7c;
export const QUOTE = 0x22;
export const EQUALS = 0x3d;
export const BRACKET_OPEN = 0x5b;
export const BRACKET_CLOSE = 0x5d;
export const PAREN_OPEN = 0x28;
export const PAREN_CLOSE = 0x29;
export const ANGLE_OPEN = 0x3c;
export const ANGLE_CLOSE = 0x3e;
export const BRACE_OPEN = 0x7b;

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

export function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

export function isLetter(code: number): boolean {
  return isLower(code | 0x20);
}

export function isWord(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 0x5f;
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Blank, a line end, or the end of the text. */
export function isGap(code: number): boolean {
  // Nearly every character is greater than a space; NaN is greater than nothing.
  if (code > SPACE) return false;
  return isBlank(code) || code === LINE_FEED || code === 0x0d || Number.isNaN(code);
}

export function skipBlanks(text: string, at: number): number {
  let end = at;
  while (isBlank(text.charCodeAt(end))) end += 1;
  return end;
}

/** How many digits stand here, counted up to a maximum. */
export function countDigits(text: string, at: number, max: number): number {
  let count = 0;
  while (count < max && isDigit(text.charCodeAt(at + count))) count += 1;
  return count;
}

/** The value of so many digits, which have been counted before. */
export function digitsValue(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) value = value * 10 + text.charCodeAt(index) - 0x30;
  return value;
}

export function countLetters(text: string, at: number, max: number): number {
  let count = 0;
  while (count < max && isLetter(text.charCodeAt(at + count))) count += 1;
  return count;
}

/** Without a copy, as trimming it would make. */
export function isBlankText(text: string): boolean {
  return !NOT_BLANK.test(text);
}

const NOT_BLANK = /\S/;
