export type Slope = {
  /** Change of y for one of x. */
  readonly perUnit: number;
  /** Standard error of that: twice as much either way holds the truth 19 times of 20. */
  readonly error: number;
};

/** The straight line of least squares through points; undefined for fewer than three, or when all have one x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope | undefined {
  const count = points.length;
  if (count < 3) return undefined;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let [xx, xy] = [0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (xx === 0) return undefined;
  const perUnit = xy / xx;
  const residuals = points.map(([x, y]) => y - meanY - perUnit * (x - meanX));
  const scatter = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  return { perUnit, error: Math.sqrt(scatter / (count - 2) / xx) * inflation(residuals, scatter) };
}

/**
 * Memory wanders: a second is much like the one before, and a hundred of them say no more than ten that are independent
 * (autocorrelation of lag 1, as for a process of first order).
 */
function inflation(residuals: readonly number[], scatter: number): number {
  if (scatter === 0) return 1;
  const lagged = residuals.slice(1).reduce((sum, residual, index) => sum + residual * (residuals[index] ?? 0), 0);
  const correlation = Math.min(0.99, Math.max(0, lagged / scatter));
  return Math.sqrt((1 + correlation) / (1 - correlation));
}
