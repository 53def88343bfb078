import { isDay } from './calendar.ts';
import { COLON, DASH, SPACE } from './characters.ts';
import { scanFraction, scanHalf } from './scan-clock.ts';

/** What a clock shows, as if it were UTC, and where it ends. */
export type IsoStamp = { readonly shownMs: number; readonly end: number };

const CLOCK_AT = 11;
const STAMP_CHARS = 19;
const LETTER_T = 0x54;

/** Lines that follow each other are of one day, and to compute it takes longer than to read it. */
let lastDay = { year: 0, month: 0, day: 0, startMs: 0 };

/**
 * Reads `2017-05-16T20:26:07.123`, or with a space, which most lines begin with: at fixed places, in half the time that
 * the general reading takes. Undefined where it is written in any other way, which may be a time nevertheless.
 */
export function scanIsoStamp(text: string, at: number): IsoStamp | undefined {
  const joint = text.charCodeAt(at + 10);
  const isShaped =
    text.charCodeAt(at + 4) === DASH &&
    text.charCodeAt(at + 7) === DASH &&
    (joint === LETTER_T || joint === SPACE) &&
    text.charCodeAt(at + 13) === COLON &&
    text.charCodeAt(at + 16) === COLON;
  if (!isShaped) return undefined;
  const century = twoDigits(text, at);
  const year = century * 100 + twoDigits(text, at + 2);
  const month = twoDigits(text, at + 5);
  const day = twoDigits(text, at + 8);
  const hour = twoDigits(text, at + CLOCK_AT);
  const minute = twoDigits(text, at + 14);
  const second = twoDigits(text, at + 17);
  // 60 is the leap second. NaN is none of these.
  if (!(century >= 0 && hour <= 23 && minute <= 59 && second <= 60)) return undefined;
  const startMs = dayStart(year, month, day);
  const [fractionMs, end] = scanFraction(text, at + STAMP_CHARS, true);
  const next = text.charCodeAt(end);
  if (startMs === undefined || (next >= 0x30 && next <= 0x39) || scanHalf(text, end)) return undefined;
  return { shownMs: startMs + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs, end };
}

function dayStart(year: number, month: number, day: number): number | undefined {
  if (day === lastDay.day && month === lastDay.month && year === lastDay.year) return lastDay.startMs;
  if (!isDay(year, month, day)) return undefined;
  lastDay = { year, month, day, startMs: Date.UTC(year, month - 1, day) };
  return lastDay.startMs;
}

/** NaN where these are not two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
