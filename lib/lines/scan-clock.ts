import {
  COLON,
  COMMA,
  countDigits,
  countLetters,
  DASH,
  DOT,
  digitsValue,
  isDigit,
  isLetter,
  isUpper,
  SPACE,
} from './characters.ts';

/** A time of day in ms since midnight. */
export type ScannedClock = { clockMs: number; end: number };
/** Minutes east of UTC. */
export type ScannedZone = { minutes: number; end: number };

export type ClockShape = {
  /** May be written without separators: 203518. */
  mayBeCompact: boolean;
  /** May be written loosely, since the date before it leaves no doubt: 9:3:7, 15.42.50, 15:42. */
  mayBeLoose: boolean;
};

/** Reads a time of day that begins exactly here. */
export function scanClock(text: string, at: number, shape: ClockShape): ScannedClock | undefined {
  const hours = countDigits(text, at, 7);
  if (hours === 6 && shape.mayBeCompact) return scanCompact(text, at);
  if (hours === 0 || hours > 2) return undefined;
  const separator = text.charCodeAt(at + hours);
  if (separator !== COLON && (separator !== DOT || !shape.mayBeLoose)) return undefined;
  const minuteAt = at + hours + 1;
  const minutes = countDigits(text, minuteAt, 3);
  if (minutes > 2 || minutes < (shape.mayBeLoose ? 1 : 2)) return undefined;
  const hour = digitsValue(text, at, hours);
  const minute = digitsValue(text, minuteAt, minutes);
  const secondAt = minuteAt + minutes + 1;
  const seconds = text.charCodeAt(secondAt - 1) === separator ? countDigits(text, secondAt, 3) : 0;
  if (seconds === 0) {
    // A date with hours and minutes is a time, 12:30 alone may be anything.
    if (!shape.mayBeLoose || separator === DOT || minutes !== 2) return undefined;
    return finish(text, hour, minute, 0, 0, minuteAt + minutes);
  }
  if (seconds > 2 || (seconds < 2 && !shape.mayBeLoose)) return undefined;
  const second = digitsValue(text, secondAt, seconds);
  const [fractionMs, end] = scanFraction(text, secondAt + seconds, shape.mayBeLoose);
  return finish(text, hour, minute, second, fractionMs, end);
}

function scanCompact(text: string, at: number): ScannedClock | undefined {
  const [fractionMs, end] = scanFraction(text, at + 6, false);
  const [hour, minute, second] = [0, 2, 4].map((offset) => digitsValue(text, at + offset, 2)) as [
    number,
    number,
    number,
  ];
  return finish(text, hour, minute, second, fractionMs, end);
}

/** `.123456`, `,123`, and with a date before it `:606` or `:83`, which are whole milliseconds. */
export function scanFraction(text: string, at: number, mayBeLoose: boolean): [fractionMs: number, end: number] {
  const mark = text.charCodeAt(at);
  const digits = mark === DOT || mark === COMMA || mark === COLON ? countDigits(text, at + 1, 10) : 0;
  if (digits === 0 || digits > 9) return [0, at];
  // A comma may as well end a column of a table, a colon may go on into an address.
  if (mark === COMMA && digits !== 3 && digits !== 6 && digits !== 9) return [0, at];
  if (mark === COLON && (!mayBeLoose || digits > 3)) return [0, at];
  const end = at + 1 + digits;
  if (mark === COLON) return [digitsValue(text, at + 1, digits), end];
  const kept = Math.min(digits, 3);
  return [digitsValue(text, at + 1, kept) * (kept === 1 ? 100 : kept === 2 ? 10 : 1), end];
}

function finish(
  text: string,
  hour: number,
  minute: number,
  second: number,
  fractionMs: number,
  end: number,
): ScannedClock | undefined {
  // 60 is the leap second.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const half = scanHalf(text, end);
  if (half !== undefined && (hour === 0 || hour > 12)) return undefined;
  const hour24 = half === undefined ? hour : (hour % 12) + (half.isAfternoon ? 12 : 0);
  return { clockMs: ((hour24 * 60 + minute) * 60 + second) * 1000 + fractionMs, end: half?.end ?? end };
}

export function scanHalf(text: string, at: number): { isAfternoon: boolean; end: number } | undefined {
  const start = text.charCodeAt(at) === SPACE ? at + 1 : at;
  const letter = text.charCodeAt(start) | 0x20;
  const isHalf = (letter === 0x61 || letter === 0x70) && (text.charCodeAt(start + 1) | 0x20) === 0x6d;
  if (!isHalf || isLetter(text.charCodeAt(start + 2)) || isDigit(text.charCodeAt(start + 2))) return undefined;
  return { isAfternoon: letter === 0x70, end: start + 2 };
}

/** Names of zones that programs write. Where two countries share one, the one whose servers log most. */
const ZONES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ Z: 0, UTC: 0, GMT: 0, WET: 0, WEST: 60, BST: 60, CET: 60, CEST: 120, EET: 120, EEST: 180, MSK: 180 },
    ...{ IST: 330, SGT: 480, HKT: 480, AWST: 480, JST: 540, KST: 540, ACST: 570, AEST: 600, AEDT: 660, NZST: 720 },
    ...{ NZDT: 780, EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420 },
    ...{ AKST: -540, AKDT: -480, HST: -600, BRT: -180, ART: -180 },
  }),
);

/** Reads a zone behind a clock: `Z`, `+02`, `+0200`, ` +02:00`, ` UTC`, ` PST`. */
export function scanZone(text: string, at: number): ScannedZone | undefined {
  const isApart = text.charCodeAt(at) === SPACE;
  const start = isApart ? at + 1 : at;
  const code = text.charCodeAt(start);
  if (code === 0x2b || code === DASH || code === 0x2212) return scanOffset(text, start, isApart);
  if (code === 0x7a && !isApart)
    return isLetter(text.charCodeAt(start + 1)) ? undefined : { minutes: 0, end: start + 1 };
  if (!isUpper(code)) return undefined;
  const count = countLetters(text, start, 6);
  const minutes = ZONES.get(text.slice(start, start + count));
  return minutes === undefined ? undefined : { minutes, end: start + count };
}

function scanOffset(text: string, at: number, isApart: boolean): ScannedZone | undefined {
  const count = countDigits(text, at + 1, 5);
  if (count !== 2 && count !== 4) return undefined;
  const hours = digitsValue(text, at + 1, 2);
  const hasColon = count === 2 && text.charCodeAt(at + 3) === COLON && countDigits(text, at + 4, 3) === 2;
  // " -12" behind a clock is a number as likely as a zone.
  if (isApart && count === 2 && !hasColon) return undefined;
  const rest = count === 4 ? digitsValue(text, at + 3, 2) : hasColon ? digitsValue(text, at + 4, 2) : 0;
  if (hours > 14 || rest > 59) return undefined;
  const minutes = hours * 60 + rest;
  const end = at + 1 + count + (hasColon ? 3 : 0);
  return { minutes: text.charCodeAt(at) === 0x2b ? minutes : -minutes, end };
}
