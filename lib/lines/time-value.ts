import type { JsonValue } from '@/lib/core/event.ts';
import { isDigit } from './characters.ts';
import { scanTime, type TimeContext } from './scan-time.ts';

/** The years 2001 to 2100 in seconds: what lies outside is a duration or a count. */
const EPOCH_S_MIN = 1e9;
const EPOCH_S_MAX = 4.1e9;
const TIME_CHARS_MAX = 64;

/** The time that a value of a structured line stands for: a text in any known shape, a number of s, ms, µs or ns. */
export function readTimeValue(value: JsonValue, context: TimeContext): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value === 'string') return fromText(value.trim(), context);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // MongoDB's {"$date": …} and Google's {"seconds": …, "nanos": …}.
  if (value['$date'] !== undefined) return readTimeValue(value['$date'], context);
  const { seconds, nanos } = value;
  const whole = typeof seconds === 'number' ? fromNumber(seconds) : undefined;
  return whole === undefined ? undefined : whole + (typeof nanos === 'number' ? Math.trunc(nanos / 1e6) : 0);
}

function fromNumber(value: number): number | undefined {
  for (const [perSecond, toMs] of SCALES) {
    if (value >= EPOCH_S_MIN * perSecond && value <= EPOCH_S_MAX * perSecond) return Math.trunc(value * toMs);
  }
  return undefined;
}

const SCALES: readonly (readonly [perSecond: number, toMs: number])[] = [
  [1, 1000],
  [1e3, 1],
  [1e6, 1e-3],
  [1e9, 1e-6],
];

function fromText(text: string, context: TimeContext): number | undefined {
  if (text.length > TIME_CHARS_MAX) return undefined;
  const time = scanTime(text, 0, context);
  if (time?.end === text.length && time.certainty !== 'clock') return time.timeMs;
  return isDigit(text.charCodeAt(0)) && Number.isFinite(Number(text)) ? fromNumber(Number(text)) : undefined;
}
