const WIDTH_PX = 60;
const HEIGHT_PX = 16;

type SparklineProps = { values: readonly number[]; valuesMax: number };

/** The shape of the last values, the newest at the right; the number stands beside it, so it is not told twice. */
export function Sparkline({ values, valuesMax }: SparklineProps) {
  return (
    <svg width={WIDTH_PX} height={HEIGHT_PX} aria-hidden className="block shrink-0">
      <polyline
        points={sparkPoints(values, valuesMax)}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.25"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Scaled to the greatest of the values; nothing but zeros lies on the floor. */
export function sparkPoints(values: readonly number[], valuesMax: number): string {
  const top = Math.max(...values, Number.MIN_VALUE);
  const stepPx = WIDTH_PX / (valuesMax - 1);
  return values
    .map((value, index) => {
      const x = WIDTH_PX - (values.length - 1 - index) * stepPx;
      const y = HEIGHT_PX - 1 - (Math.max(0, value) / top) * (HEIGHT_PX - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
