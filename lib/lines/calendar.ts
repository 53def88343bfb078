/** What a log may speak of: a number outside is no year. */
const YEAR_MIN = 1900;
const YEAR_MAX = 2199;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const QUARTER_MS = 15 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Two digits of a year are read as POSIX does: 69 is 1969, 68 is 2068. */
export function fullYear(twoDigits: number): number {
  return twoDigits < 69 ? 2000 + twoDigits : 1900 + twoDigits;
}

/** February 29 needs a year that has one, or none at all. */
export function isDay(year: number | undefined, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) return false;
  if (year === undefined) return true;
  if (year < YEAR_MIN || year > YEAR_MAX) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** The zone of times that name none. */
export class LocalZone {
  readonly #minutes: number | undefined;
  #quarter = Number.NaN;
  #offsetMs = 0;

  /** @param minutes east of UTC; absent: the rules of this machine's zone */
  constructor(minutes: number | undefined) {
    this.#minutes = minutes;
  }

  /** ms since 1970 for what a clock of this zone shows, given as if it were UTC. */
  toUtcMs(shownMs: number): number {
    if (this.#minutes !== undefined) return shownMs - this.#minutes * 60_000;
    // Rules change at quarters of an hour, and asking for them takes longer than all else about a line.
    const quarter = Math.floor(shownMs / QUARTER_MS);
    if (quarter !== this.#quarter) {
      const shown = new Date(quarter * QUARTER_MS);
      const local = new Date(
        shown.getUTCFullYear(),
        shown.getUTCMonth(),
        shown.getUTCDate(),
        shown.getUTCHours(),
        shown.getUTCMinutes(),
      );
      this.#offsetMs = quarter * QUARTER_MS - local.getTime();
      this.#quarter = quarter;
    }
    return shownMs - this.#offsetMs;
  }

  /** What a clock of this zone shows now, as if it were UTC. */
  shownMs(nowMs: number): number {
    const minutes = this.#minutes ?? -new Date(nowMs).getTimezoneOffset();
    return nowMs + minutes * 60_000;
  }
}

/** The latest year in which this day is not further ahead than a clock that runs a day early would have it. */
export function inferYear(month: number, day: number, shownNowMs: number): number {
  const latestMs = shownNowMs + DAY_MS;
  let year = new Date(latestMs).getUTCFullYear();
  if (Date.UTC(year, month - 1, day) > latestMs) year -= 1;
  // The one day that not every year has comes every fourth year, or after eight.
  for (let back = 0; back < 8 && !isDay(year, month, day); back += 1) year -= 1;
  return year;
}

/** The day, as its midnight, on which a clock has shown this last: a little ahead is today, much ahead was yesterday. */
export function inferDayMs(clockMs: number, shownNowMs: number): number {
  const today = Math.floor(shownNowMs / DAY_MS) * DAY_MS;
  const aheadMs = today + clockMs - shownNowMs;
  if (aheadMs > DAY_MS / 24) return today - DAY_MS;
  // Shortly before midnight a clock that is ahead shows the next day.
  return aheadMs < DAY_MS / 24 - DAY_MS ? today + DAY_MS : today;
}
