import { inferDayMs, inferYear, type LocalZone } from './calendar.ts';
import {
  BRACKET_CLOSE,
  COLON,
  COMMA,
  countDigits,
  countLetters,
  DASH,
  DOT,
  digitsValue,
  isBlank,
  isDigit,
  isLetter,
  isUpper,
  isWord,
  PAREN_CLOSE,
  PIPE,
  SPACE,
  skipBlanks,
} from './characters.ts';
import { scanIsoStamp } from './iso-stamp.ts';
import { type ScannedZone, scanClock, scanZone } from './scan-clock.ts';
import { type ScannedDate, scanDate } from './scan-date.ts';

/**
 * How much of a time the text itself says: `instant` all of it, `local` a date and a clock of an unnamed zone, perhaps
 * of an unnamed year, `clock` no date, `epoch` a number that counts from 1970.
 */
export type Certainty = 'instant' | 'local' | 'clock' | 'epoch';

export type ScannedTime = {
  timeMs: number;
  start: number;
  end: number;
  certainty: Certainty;
  /** `Jun 14 15:16:01`: behind it BSD syslog has a host and a tag. */
  isBsd: boolean;
};

export type TimeContext = { readonly nowMs: number; readonly zone: LocalZone };

/** Reads a time that begins exactly here. What is missing in it (year, day, zone) is inferred from the context. */
export function scanTime(text: string, at: number, context: TimeContext): ScannedTime | undefined {
  const code = text.charCodeAt(at);
  if (!isDigit(code)) return isUpper(code) ? scanDated(text, at, context) : undefined;
  const count = countDigits(text, at, 20);
  if (count > 9) return count === 14 ? scanDense(text, at, context) : scanEpoch(text, at, count);
  return count <= 2 && text.charCodeAt(at + count) === COLON
    ? scanUndated(text, at, context)
    : scanDated(text, at, context);
}

function scanDated(text: string, at: number, context: TimeContext): ScannedTime | undefined {
  const iso = scanIsoStamp(text, at);
  if (iso) return zoned(text, at, iso.end, iso.shownMs, scanZone(text, iso.end), context.zone);
  const date = scanDate(text, at, context.nowMs);
  if (!date) return undefined;
  const clockAt = joint(text, date);
  if (clockAt < 0) return undefined;
  const mark = text.charCodeAt(clockAt - 1);
  const shape = { mayBeCompact: date.isCompact, mayBeLoose: date.year !== undefined };
  // Dots between hours and minutes need a dash before them: "1.2.2024 10.5" is no time.
  const clock = scanClock(text, clockAt, shape);
  if (!clock || (text.charCodeAt(clockAt + 2) === DOT && mark !== DASH)) return undefined;
  return place(text, at, date, clock.clockMs, clock.end, context);
}

/** Where the clock behind a date begins: `T`, blanks, `, `, ` - `, `_`, `-` or `:` may stand between; -1 if none does. */
function joint(text: string, date: ScannedDate): number {
  const { end } = date;
  const code = text.charCodeAt(end);
  if (isBlank(code) || code === COMMA) {
    const at = skipBlanks(text, end + 1);
    const isDashed = text.charCodeAt(at) === DASH && isBlank(text.charCodeAt(at + 1));
    const clockAt = isDashed ? skipBlanks(text, at + 1) : at;
    return isDigit(text.charCodeAt(clockAt)) ? clockAt : -1;
  }
  const isJoint =
    (code | 0x20) === 0x74 || code === 0x5f || ((code === DASH || code === COLON) && date.year !== undefined);
  return isJoint && isDigit(text.charCodeAt(end + 1)) ? end + 1 : -1;
}

function place(
  text: string,
  start: number,
  date: ScannedDate,
  clockMs: number,
  clockEnd: number,
  { nowMs, zone }: TimeContext,
): ScannedTime | undefined {
  let end = clockEnd;
  let { year } = date;
  let offset = scanZone(text, end);
  if (offset) end = offset.end;
  if (year === undefined) {
    const behind = scanYearBehind(text, end, offset === undefined);
    if (behind) {
      year = behind.year;
      end = behind.end;
      offset ??= scanZone(text, end);
      if (offset && offset.end > end) end = offset.end;
    }
  }
  const known = year ?? inferYear(date.month, date.day, zone.shownMs(nowMs));
  const shownMs = Date.UTC(known, date.month - 1, date.day) + clockMs;
  const time = zoned(text, start, end, shownMs, offset, zone);
  if (!time) return undefined;
  if (year === undefined) time.certainty = 'local';
  time.isBsd = date.isMonthFirst;
  return time;
}

/** @param end of the clock; a zone that was read ends behind it */
function zoned(
  text: string,
  start: number,
  end: number,
  shownMs: number,
  offset: ScannedZone | undefined,
  zone: LocalZone,
): ScannedTime | undefined {
  const timeEnd = offset && offset.end > end ? offset.end : end;
  if (isWord(text.charCodeAt(timeEnd))) return undefined;
  const timeMs = offset ? shownMs - offset.minutes * 60_000 : zone.toUtcMs(shownMs);
  return { timeMs, start, end: timeEnd, certainty: offset ? 'instant' : 'local', isBsd: false };
}

/** `Sun Dec 04 04:47:44 2005`, `Mon Jan 2 15:04:05 CLT 2006`. */
function scanYearBehind(text: string, at: number, mayNameZone: boolean): { year: number; end: number } | undefined {
  if (text.charCodeAt(at) !== SPACE) return undefined;
  const letters = mayNameZone && isUpper(text.charCodeAt(at + 1)) ? countLetters(text, at + 1, 6) : 0;
  const yearAt = letters > 0 && letters < 6 ? at + letters + 2 : at + 1;
  if (text.charCodeAt(yearAt - 1) !== SPACE || countDigits(text, yearAt, 5) !== 4) return undefined;
  const year = digitsValue(text, yearAt, 4);
  if (year < 1970 || year > 2199 || isWord(text.charCodeAt(yearAt + 4))) return undefined;
  return { year, end: yearAt + 4 };
}

/** `15:16:01.123`: the day is the one on which the clock has shown this last. */
function scanUndated(text: string, at: number, { nowMs, zone }: TimeContext): ScannedTime | undefined {
  const clock = scanClock(text, at, { mayBeCompact: false, mayBeLoose: false });
  if (!clock) return undefined;
  const offset = scanZone(text, clock.end);
  const end = offset?.end ?? clock.end;
  // A colon or a dot that goes on: an address of hardware, IPv6, a version.
  const next = text.charCodeAt(end);
  if (isWord(next) || ((next === COLON || next === DOT || next === DASH) && isWord(text.charCodeAt(end + 1))))
    return undefined;
  const shownNowMs = offset ? nowMs + offset.minutes * 60_000 : zone.shownMs(nowMs);
  const shownMs = inferDayMs(clock.clockMs, shownNowMs) + clock.clockMs;
  const timeMs = offset ? shownMs - offset.minutes * 60_000 : zone.toUtcMs(shownMs);
  return { timeMs, start: at, end, certainty: 'clock', isBsd: false };
}

/** `20240131154530`. */
function scanDense(text: string, at: number, context: TimeContext): ScannedTime | undefined {
  const date = scanDate(text.slice(at, at + 8), 0, context.nowMs);
  const clock = date && scanClock(text, at + 8, { mayBeCompact: true, mayBeLoose: false });
  return date && clock ? place(text, at, date, clock.clockMs, clock.end, context) : undefined;
}

const EPOCH_S_MIN = 1_000_000_000;
const EPOCH_S_MAX = 4_102_444_800;

/** s, ms, µs or ns since 1970, of the years 2001 to 2100, told apart by how many digits there are. */
function scanEpoch(text: string, at: number, count: number): ScannedTime | undefined {
  if (count !== 10 && count !== 13 && count !== 16 && count !== 19) return undefined;
  const seconds = digitsValue(text, at, 10);
  if (seconds < EPOCH_S_MIN || seconds > EPOCH_S_MAX) return undefined;
  let end = at + count;
  let fractionMs = count > 10 ? digitsValue(text, at + 10, 3) : 0;
  const decimals = count === 10 && text.charCodeAt(end) === DOT ? countDigits(text, end + 1, 10) : 0;
  if (decimals > 0 && decimals < 10) {
    fractionMs = Math.trunc(digitsValue(text, end + 1, decimals) * 10 ** (3 - decimals));
    end += 1 + decimals;
  }
  const next = text.charCodeAt(end);
  const isEnd = Number.isNaN(next) || next <= SPACE || next === BRACKET_CLOSE || next === PAREN_CLOSE;
  const isMarked = next === PIPE || next === COMMA || next === COLON || next === 0x22;
  if (!isEnd && !isMarked) return undefined;
  if (isMarked && next === COLON && isLetter(text.charCodeAt(end + 1))) return undefined;
  return { timeMs: seconds * 1000 + fractionMs, start: at, end, certainty: 'epoch', isBsd: false };
}
