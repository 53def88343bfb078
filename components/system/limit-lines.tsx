import type { ReactElement } from 'react';
import { ReferenceLine } from 'recharts';

const LABEL_SIZE = 10;

/** So near the axis a label stands above its line, elsewhere below it: there is no room beyond the plot. */
const LOW_SHARE = 0.3;

/**
 * Dashed lines where a metric becomes strained and alarming. Only those within the scale of the values are drawn. The
 * labels stand beside each other, for the lines may be close, and on the left, where the values are old.
 * @param max the largest value drawn
 */
export function limitLines(warn: number | undefined, alarm: number | undefined, max: number): ReactElement[] {
  const limits = [
    { name: 'warn', value: warn, colour: 'var(--warn)', shiftPx: 0 },
    { name: 'alarm', value: alarm, colour: 'var(--bad)', shiftPx: 32 },
  ];
  return limits.flatMap(({ name, value, colour, shiftPx }) =>
    value === undefined
      ? []
      : [
          <ReferenceLine
            key={name}
            y={value}
            stroke={colour}
            strokeDasharray="4 3"
            ifOverflow="discard"
            label={{
              value: name,
              position: value < LOW_SHARE * max ? 'insideBottomLeft' : 'insideTopLeft',
              fontSize: LABEL_SIZE,
              fill: colour,
              dx: shiftPx,
            }}
          />,
        ],
  );
}
