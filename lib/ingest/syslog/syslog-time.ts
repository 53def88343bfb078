import { parseTimeMs } from '@/lib/core/event-time.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?:${MONTHS.join('|')})`;
/** A sender's clock may be ahead, and its zone another: what is further ahead than this is of an earlier year. */
const AHEAD_MS_MAX = 24 * 60 * 60 * 1000;
/** Eight years hold a leap day for certain (1897 to 1904). */
const YEARS_BACK_MAX = 8;

/** RFC 3164 §4.1.2, with the year, the fraction and the zone that some devices add. */
const BSD = new RegExp(
  `(${MONTH}) {1,2}(\\d{1,2})(?: (\\d{4}))? (\\d{2}):(\\d{2}):(\\d{2})(?:[.,](\\d{1,9}))?(?: (UTC|GMT|[A-Z]{3,5}(?=:)))?(?=[ :]|$)`,
  'y',
);
const ISO = /\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|z|[+-]\d{2}:?\d{2})?(?=[ :]|$)/y;
const HAS_ZONE = /(?:Z|z|[+-]\d{2}:?\d{2})$/;

export type ReadTime = { readonly timeMs: number | undefined; readonly end: number };

/** The time that stands at a place of a text, in one of the forms of RFC 3164 and of those who improve on it. */
export function readTime(text: string, at: number, nowMs: number): ReadTime | undefined {
  BSD.lastIndex = at;
  const bsd = BSD.exec(text);
  if (bsd) return { timeMs: bsdTimeMs(bsd, nowMs), end: BSD.lastIndex };
  ISO.lastIndex = at;
  const iso = ISO.exec(text);
  return iso ? { timeMs: zonedTimeMs(iso[0]), end: ISO.lastIndex } : undefined;
}

/** ISO 8601; without a zone it is the server's, as with every other time of syslog. */
export function zonedTimeMs(text: string): number | undefined {
  const timeMs = parseTimeMs(text);
  if (timeMs === undefined || HAS_ZONE.test(text)) return timeMs;
  const asUtc = new Date(timeMs);
  return localTimeMs(asUtc.getUTCFullYear(), {
    month: asUtc.getUTCMonth(),
    day: asUtc.getUTCDate(),
    timeOfDayMs: timeMs - Date.UTC(asUtc.getUTCFullYear(), asUtc.getUTCMonth(), asUtc.getUTCDate()),
  });
}

type InYear = { readonly month: number; readonly day: number; readonly timeOfDayMs: number };

function bsdTimeMs(match: RegExpExecArray, nowMs: number): number | undefined {
  const [, monthName = '', day = '', year, hours = '', minutes = '', seconds = '', fraction = '', zone] = match;
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, '0'));
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const timeOfDayMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + fractionMs;
  const inYear = { month: MONTHS.indexOf(monthName), day: Number(day), timeOfDayMs };
  const inZone = zone === 'UTC' || zone === 'GMT' ? utcTimeMs : localTimeMs;
  if (year !== undefined) return inZone(Number(year), inYear);
  const thisYear = new Date(nowMs).getFullYear();
  // Logs are of the past: the newest year in which the date exists and does not lie ahead.
  for (let candidate = thisYear + 1; candidate >= thisYear - YEARS_BACK_MAX; candidate -= 1) {
    const timeMs = inZone(candidate, inYear);
    if (timeMs !== undefined && timeMs <= nowMs + AHEAD_MS_MAX) return timeMs;
  }
  return undefined;
}

function utcTimeMs(year: number, { month, day, timeOfDayMs }: InYear): number | undefined {
  const dayMs = Date.UTC(year, month, day);
  return new Date(dayMs).getUTCDate() === day ? dayMs + timeOfDayMs : undefined;
}

let zoneOfHour = Number.NaN;
let offsetMs = 0;

/** In the server's zone. The zone's offset is asked once an hour of the senders' time: asking takes longer than parsing. */
function localTimeMs(year: number, inYear: InYear): number | undefined {
  const asUtcMs = utcTimeMs(year, inYear);
  if (asUtcMs === undefined) return undefined;
  const hour = Math.floor(asUtcMs / 3_600_000);
  if (hour !== zoneOfHour) {
    const asUtc = new Date(asUtcMs);
    const hours = asUtc.getUTCHours();
    offsetMs = hour * 3_600_000 - new Date(year, asUtc.getUTCMonth(), asUtc.getUTCDate(), hours).getTime();
    zoneOfHour = hour;
  }
  return asUtcMs - offsetMs;
}
