/** The widths a month of charts is drawn from: 10 s, 1 min, 10 min, 2 h. */
export const ROLLUP_STEPS_MS = [10_000, 60_000, 600_000, 7_200_000] as const;

const DAY_MS = 86_400_000;
/** How long each roll-up is kept: fine ones for days, coarse ones for years. */
export const ROLLUP_KEPT_MS: Readonly<Record<(typeof ROLLUP_STEPS_MS)[number], number>> = {
  10000: 2 * DAY_MS,
  60000: 14 * DAY_MS,
  600000: 90 * DAY_MS,
  7200000: 730 * DAY_MS,
};

/** `[seriesId, bucketMs, count, sum, min, max, last, lastMs]` of a bucket of the finest width. */
export type RollupRow = [number, number, number, number, number, number, number, number];

/**
 * Folds samples into one row per series and bucket of the finest width, ready to be merged with what the table holds of
 * each width: all others are multiples of it.
 * @param samples flat triples: series id, timeMs, value
 */
export function rollUp(samples: Float64Array): RollupRow[] {
  const [stepMs] = ROLLUP_STEPS_MS;
  const rows = new Map<string, RollupRow>();
  for (let index = 0; index + 2 < samples.length; index += 3) {
    const seriesId = samples[index] as number;
    const timeMs = samples[index + 1] as number;
    const value = samples[index + 2] as number;
    const bucketMs = Math.floor(timeMs / stepMs) * stepMs;
    const key = `${seriesId}/${bucketMs}`;
    const row = rows.get(key);
    if (row) fold(row, value, timeMs);
    else rows.set(key, [seriesId, bucketMs, 1, value, value, value, value, timeMs]);
  }
  return [...rows.values()];
}

function fold(row: RollupRow, value: number, timeMs: number): void {
  row[2] += 1;
  row[3] += value;
  if (value < row[4]) row[4] = value;
  if (value > row[5]) row[5] = value;
  if (timeMs >= row[7]) {
    row[6] = value;
    row[7] = timeMs;
  }
}
