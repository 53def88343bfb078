/** From the year 1973 to 5138: what an event's `time` takes for ms when it is a number, see `parseTimeMs`. */
const PLAIN_MS_MIN = 1e11;
const PLAIN_MS_MAX = 1e14;
const DATE_MS_MAX = 8.64e15;

/**
 * A time in ms since 1970 as an event's `time`. A protocol that says "ms" means it: what would be taken for seconds or µs
 * by its size is spelled out, and what is no time at all is left for `prepareEvent` to refuse.
 */
export function timeInput(timeMs: number): number | string {
  const size = Math.abs(timeMs);
  if (size >= PLAIN_MS_MIN && size < PLAIN_MS_MAX) return timeMs;
  return size <= DATE_MS_MAX ? new Date(timeMs).toISOString() : `${timeMs} ms since 1970`;
}
