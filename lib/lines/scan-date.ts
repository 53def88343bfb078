import { fullYear, isDay } from './calendar.ts';
import {
  COMMA,
  countDigits,
  countLetters,
  DASH,
  DOT,
  digitsValue,
  isBlank,
  isDigit,
  isLetter,
  SLASH,
  skipBlanks,
} from './characters.ts';
import { guessDayOrder } from './day-order.ts';

/** `year` is absent where the text has none; `isCompact`: written without separators, so that its clock may be too. */
export type ScannedDate = {
  year: number | undefined;
  month: number;
  day: number;
  end: number;
  isCompact: boolean;
  /** Begins with the name of a month, the way of BSD syslog. */
  isMonthFirst: boolean;
};

const MONTHS = namesOf('january february march april may june july august september october november december');
const WEEKDAYS = namesOf('sunday monday tuesday wednesday thursday friday saturday');

/** Reads a date that begins exactly here, in any of the shapes in which programs write one. */
export function scanDate(text: string, at: number, nowMs: number): ScannedDate | undefined {
  return isDigit(text.charCodeAt(at)) ? scanNumbers(text, at, nowMs) : scanNames(text, at);
}

function scanNumbers(text: string, at: number, nowMs: number): ScannedDate | undefined {
  const count = countDigits(text, at, 9);
  if (count === 4) return scanYearFirst(text, at);
  if (count === 8) {
    return checked(digitsValue(text, at, 4), digitsValue(text, at + 4, 2), digitsValue(text, at + 6, 2), at + 8, true);
  }
  if (count === 6) {
    const year = fullYear(digitsValue(text, at, 2));
    return checked(year, digitsValue(text, at + 2, 2), digitsValue(text, at + 4, 2), at + 6, true);
  }
  if (count > 2) return undefined;
  const separator = text.charCodeAt(at + count);
  if (isLetter(text.charCodeAt(at + count + 1))) return scanDayFirst(text, at, count);
  if (!isSeparator(separator)) return undefined;
  return scanTwoFirst(text, at, count, separator, nowMs);
}

/** `2017-05-16`, `2017/5/16`, `2017.05.16`, `2017-May-16`, `2017 May 16`. */
function scanYearFirst(text: string, at: number): ScannedDate | undefined {
  const year = digitsValue(text, at, 4);
  const separator = text.charCodeAt(at + 4);
  if (isLetter(text.charCodeAt(at + 5))) {
    const [month, end] = nameAt(text, at + 5, MONTHS);
    if (month < 0 || text.charCodeAt(end) !== separator) return undefined;
    const count = countDigits(text, end + 1, 3);
    return count === 0 || count > 2
      ? undefined
      : checked(year, month + 1, digitsValue(text, end + 1, count), end + 1 + count);
  }
  if (!isSeparator(separator)) return undefined;
  const months = countDigits(text, at + 5, 3);
  const dayAt = at + 5 + months + 1;
  const days = countDigits(text, dayAt, 3);
  if (months === 0 || months > 2 || days === 0 || days > 2 || text.charCodeAt(dayAt - 1) !== separator)
    return undefined;
  return checked(year, digitsValue(text, at + 5, months), digitsValue(text, dayAt, days), dayAt + days);
}

/** `16/May/2017`, `16-May-17`, `16 May 2017`, `16 May`. */
function scanDayFirst(text: string, at: number, count: number): ScannedDate | undefined {
  const separator = text.charCodeAt(at + count);
  if (!isSeparator(separator) && !isBlank(separator)) return undefined;
  const day = digitsValue(text, at, count);
  const [month, monthEnd] = nameAt(text, at + count + 1, MONTHS);
  if (month < 0) return undefined;
  const end = text.charCodeAt(monthEnd) === COMMA ? monthEnd + 1 : monthEnd;
  const years = countDigits(text, end + 1, 5);
  if (isBlank(separator)) {
    return years === 4
      ? checked(digitsValue(text, end + 1, 4), month + 1, day, end + 5)
      : checked(undefined, month + 1, day, end);
  }
  if (text.charCodeAt(end) !== separator || (years !== 4 && years !== 2)) return undefined;
  const year = digitsValue(text, end + 1, years);
  return checked(years === 2 ? fullYear(year) : year, month + 1, day, end + 1 + years);
}

/** `17/06/09`, `06/09/2017`, `09.06.2017`, and without a year `06-09`. */
function scanTwoFirst(
  text: string,
  at: number,
  count: number,
  separator: number,
  nowMs: number,
): ScannedDate | undefined {
  const secondAt = at + count + 1;
  const seconds = countDigits(text, secondAt, 3);
  if (seconds === 0 || seconds > 2) return undefined;
  const first = digitsValue(text, at, count);
  const second = digitsValue(text, secondAt, seconds);
  const end = secondAt + seconds;
  if (text.charCodeAt(end) !== separator) {
    return checked(undefined, first, second, end) ?? checked(undefined, second, first, end);
  }
  const thirds = countDigits(text, end + 1, 5);
  if (thirds !== 2 && thirds !== 4) return undefined;
  const date = guessDayOrder([first, second, digitsValue(text, end + 1, thirds)], thirds === 4, separator, nowMs);
  return date && checked(date.year, date.month, date.day, end + 1 + thirds);
}

/** `Jun 14`, `Jun 14 2005`, `January 2, 2024`, `Sun Dec 04`, `Sun, 06 Nov 1994`. */
function scanNames(text: string, at: number): ScannedDate | undefined {
  let start = at;
  const [weekday, weekdayEnd] = nameAt(text, at, WEEKDAYS);
  if (weekday >= 0) {
    start = skipBlanks(text, text.charCodeAt(weekdayEnd) === COMMA ? weekdayEnd + 1 : weekdayEnd);
    if (start === weekdayEnd) return undefined;
    const count = countDigits(text, start, 3);
    if (count > 0) return count <= 2 ? scanDayFirst(text, start, count) : undefined;
  }
  const [month, monthEnd] = nameAt(text, start, MONTHS);
  const dayAt = skipBlanks(text, monthEnd);
  const days = countDigits(text, dayAt, 3);
  if (month < 0 || dayAt === monthEnd || days === 0 || days > 2) return undefined;
  const day = digitsValue(text, dayAt, days);
  const dayEnd = text.charCodeAt(dayAt + days) === COMMA ? dayAt + days + 1 : dayAt + days;
  const yearAt = skipBlanks(text, dayEnd);
  const hasYear = yearAt > dayEnd && countDigits(text, yearAt, 5) === 4;
  const date = hasYear
    ? checked(digitsValue(text, yearAt, 4), month + 1, day, yearAt + 4)
    : checked(undefined, month + 1, day, dayAt + days);
  if (date) date.isMonthFirst = weekday < 0;
  return date;
}

/** Which of the names stands here, whole or as its first three letters, and where it ends; -1 when none does. */
function nameAt(text: string, at: number, names: Names): [index: number, end: number] {
  const index = names.byLetters.get(threeLetters(text, at));
  if (index === undefined) return [-1, at];
  const count = countLetters(text, at, 10);
  if (count === 3) return [index, at + 3];
  const name = names.names[index] ?? '';
  const word = text.slice(at, at + count).toLowerCase();
  return word === name || word === 'sept' ? [index, at + count] : [-1, at];
}

/** The first three letters of a name as one number, in lower case. */
function threeLetters(text: string, at: number): number {
  const [first, second, third] = [
    text.charCodeAt(at) | 0x20,
    text.charCodeAt(at + 1) | 0x20,
    text.charCodeAt(at + 2) | 0x20,
  ];
  return (first << 16) | (second << 8) | third;
}

type Names = { readonly names: readonly string[]; readonly byLetters: ReadonlyMap<number, number> };

function namesOf(names: string): Names {
  const all = names.split(' ');
  return { names: all, byLetters: new Map(all.map((name, index) => [threeLetters(name, 0), index])) };
}

function isSeparator(code: number): boolean {
  return code === DASH || code === SLASH || code === DOT;
}

function checked(
  year: number | undefined,
  month: number,
  day: number,
  end: number,
  isCompact = false,
): ScannedDate | undefined {
  return isDay(year, month, day) ? { year, month, day, end, isCompact, isMonthFirst: false } : undefined;
}
