/** `utc` on the server and in the first paint, so that both write the same text; then the reader's own zone. */
export type Zone = 'utc' | 'local';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/** "14:02:11.042" */
export function formatClock(timeMs: number, zone: Zone): string {
  const date = new Date(timeMs);
  return zone === 'utc'
    ? `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}.${pad(date.getUTCMilliseconds(), 3)}`
    : `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** "Mon 23 Nov 2026"; two times share it exactly when they fall on the same day of the zone. */
export function formatDay(timeMs: number, zone: Zone): string {
  const date = new Date(timeMs);
  return zone === 'utc'
    ? `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
    : `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

/** ISO 8601 with the offset of the zone at that moment: "2026-11-23T14:02:11.042+01:00". */
export function formatIso(timeMs: number, zone: Zone): string {
  if (zone === 'utc') return new Date(timeMs).toISOString();
  const minutes = -new Date(timeMs).getTimezoneOffset();
  const shifted = new Date(timeMs + minutes * 60_000).toISOString().slice(0, -1);
  return shifted + formatOffset(minutes);
}

/** "UTC", "UTC+05:30" */
export function zoneName(timeMs: number, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : -new Date(timeMs).getTimezoneOffset();
  return minutes === 0 ? 'UTC' : `UTC${formatOffset(minutes)}`;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
