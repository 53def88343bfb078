/** Returns are counted in bins of so many ms. */
export const RETURN_BIN_MS = 100;
const BINS_PER_SECOND = 1000 / RETURN_BIN_MS;

export type Herd = {
  readonly returned: number;
  /** Of the busiest second. */
  readonly peakPerSecond: number;
  /** Busiest second over the mean of the seconds; 1 is a crowd that comes back evenly. */
  readonly factor: number;
};

/**
 * How evenly a crowd came back. Seconds are counted from the first return, since the wait before it says nothing of the
 * crush at the door.
 *
 * @param bins returns in each tenth of a second since all were dropped
 */
export function herdOf(bins: readonly number[]): Herd | undefined {
  const first = bins.findIndex((count) => count > 0);
  if (first === -1) return undefined;
  const seconds: number[] = [];
  bins.slice(first).forEach((count, index) => {
    const second = Math.floor(index / BINS_PER_SECOND);
    seconds[second] = (seconds[second] ?? 0) + count;
  });
  while (seconds.at(-1) === 0) seconds.pop();
  const returned = seconds.reduce((sum, count) => sum + count, 0);
  const peakPerSecond = Math.max(...seconds);
  return { returned, peakPerSecond, factor: peakPerSecond / (returned / seconds.length) };
}
