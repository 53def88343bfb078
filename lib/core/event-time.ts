const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const DIGITS = /^-?\d{1,20}(?:\.\d+)?$/;

/** The years 0 to 9999: beyond them ISO 8601 needs a sign that few parsers read. */
const TIME_MS_MIN = Date.parse('0000-01-01T00:00:00Z');
const TIME_MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads ISO 8601 (without an offset it is UTC) or a number of s, ms, µs or ns, told apart by size: seconds stay below
 * 1e11 until the year 5138, and each finer unit is a thousand times larger. Returns ms since 1970, or undefined.
 */
export function parseTimeMs(input: string | number): number | undefined {
  const timeMs = typeof input === 'number' ? fromNumber(input) : fromText(input.trim());
  if (timeMs === undefined || Number.isNaN(timeMs)) return undefined;
  return timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX ? timeMs : undefined;
}

function fromNumber(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return Math.round(value * 1000);
  if (size < 1e14) return Math.round(value);
  if (size < 1e17) return Math.round(value / 1e3);
  return Math.round(value / 1e6);
}

function fromText(text: string): number | undefined {
  if (DIGITS.test(text)) return fromNumber(Number(text));
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  // Date.parse takes February 30 for March 2: a date that does not exist is refused, not moved.
  if (!isDay(`${year}-${month}-${day}`)) return undefined;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase();
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

let lastMs = Number.NaN;
let lastText = '';

/** ISO 8601 in UTC with milliseconds. Events of one batch mostly share their time, so the last one is remembered. */
export function formatTime(timeMs: number): string {
  if (timeMs !== lastMs) {
    lastText = new Date(timeMs).toISOString();
    lastMs = timeMs;
  }
  return lastText;
}

const AGE = /^-(\d{1,9}(?:\.\d+)?)(ms|s|m|h|d)$/;
const AGE_UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads an age such as `-15m` or `-1.5h` as milliseconds, or undefined. */
export function parseAgeMs(text: string): number | undefined {
  const match = AGE.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  return Number(match[1]) * AGE_UNIT_MS[match[2] as keyof typeof AGE_UNIT_MS];
}
