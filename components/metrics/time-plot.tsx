'use client';

import { memo, type ReactNode, useEffect } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  Tooltip,
  useActiveTooltipLabel,
  useIsTooltipActive,
  XAxis,
  YAxis,
} from 'recharts';
import type { ChartRow } from './chart-data.ts';
import { axisTicks, formatValue } from './format-unit.ts';
import { formatTick, needSeconds, ticksInside, timeTicks, zoneOffsetMs } from './time-ticks.ts';

export type PlotLine = { readonly name: string; readonly colour: string };

type TimePlotProps = {
  rows: ChartRow[];
  lines: readonly PlotLine[];
  /** Lines few enough for their bands not to cover each other. */
  banded: boolean;
  fromMs: number;
  toMs: number;
  unit: string;
  min: number;
  max: number;
  widthPx: number;
  heightPx: number;
  label: string;
  onCursor: (timeMs: number | undefined) => void;
  children?: ReactNode;
};

const AXIS_PX = 66;
const TICK_PX = 56;
const RIGHT_PX = 14;
/** Given here and not in the style sheet: Recharts measures its labels with it. */
export const AXIS_TEXT = { fontSize: 10, fill: 'var(--ink-faint)' };

/** Lines over time, drawn by Recharts without animation; all plots of a page share one cursor, matched by time. */
export const TimePlot = memo(function TimePlot(props: TimePlotProps) {
  const { rows, lines, banded, fromMs, toMs, unit, min, max, widthPx, heightPx, label, onCursor, children } = props;
  const ticksMax = Math.max(2, Math.floor((widthPx - AXIS_PX) / TICK_PX));
  const pxPerMs = Math.max(0, widthPx - AXIS_PX - RIGHT_PX) / Math.max(1, toMs - fromMs);
  const xTicks = ticksInside(
    timeTicks(fromMs, toMs, ticksMax, zoneOffsetMs(toMs)),
    (timeMs) => (toMs - timeMs) * pxPerMs + RIGHT_PX,
  );
  const yTicks = axisTicks(Math.min(0, min), max, unit);
  return (
    <ComposedChart
      width={widthPx}
      height={heightPx}
      data={rows}
      margin={{ top: 6, right: RIGHT_PX, bottom: 0, left: 0 }}
      syncId="time"
      syncMethod={nearestTick}
      aria-label={label}
      role="img"
    >
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey="t"
        type="number"
        domain={[fromMs, toMs]}
        allowDataOverflow
        ticks={xTicks}
        interval={0}
        tickFormatter={(timeMs: number) => formatTick(timeMs, needSeconds(xTicks))}
        tickLine={false}
        tick={AXIS_TEXT}
        axisLine={{ stroke: 'var(--line-strong)' }}
        height={18}
      />
      <YAxis
        width={AXIS_PX}
        domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
        ticks={yTicks}
        interval={0}
        tickFormatter={(value: number) => axisText(value, unit)}
        tickLine={false}
        tick={AXIS_TEXT}
        axisLine={false}
      />
      {children}
      {banded &&
        lines.map(({ name, colour }, index) => (
          <Area
            key={`band ${name}`}
            dataKey={`b${index}`}
            stroke="none"
            fill={colour}
            fillOpacity={0.18}
            connectNulls={false}
            isAnimationActive={false}
            activeDot={false}
            tooltipType="none"
          />
        ))}
      {lines.map(({ name, colour }, index) => (
        <Line
          key={name}
          dataKey={`v${index}`}
          name={name}
          stroke={colour}
          strokeWidth={1.5}
          connectNulls={false}
          isAnimationActive={false}
          dot={loneDots(rows, `v${index}`, colour)}
          activeDot={{ r: 2.5, stroke: 'none' }}
        />
      ))}
      <Tooltip content={Nothing} cursor={{ stroke: 'var(--line-strong)' }} isAnimationActive={false} />
      <CursorProbe onCursor={onCursor} />
    </ComposedChart>
  );
});

/** Recharts breaks a label into lines at every blank that is not a non-breaking one. */
function axisText(value: number, unit: string): string {
  return value === 0 ? '0' : formatValue(value, unit).replace(' ', '\u00a0');
}

/** The values under the cursor stand in the legend, so nothing floats over the lines. */
function Nothing() {
  return null;
}

/** Other charts have other buckets: the nearest in time is meant, not the same index. */
function nearestTick(ticks: readonly { value: unknown }[], { activeLabel }: { activeLabel: unknown }): number {
  const wanted = Number(activeLabel);
  let nearest = -1;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const [index, { value }] of ticks.entries()) {
    const awayMs = Math.abs(Number(value) - wanted);
    if (awayMs < leastMs) {
      leastMs = awayMs;
      nearest = index;
    }
  }
  return nearest;
}

/**
 * A sample with a gap on both sides is no line; without a dot it would be invisible. All other points have none: a
 * thousand circles cost more than all the rest of a chart.
 */
function loneDots(rows: readonly ChartRow[], name: string, colour: string) {
  const isNumber = (index: number) => typeof rows[index]?.[name] === 'number';
  const lone = new Set(
    [...rows.keys()].filter((index) => isNumber(index) && !isNumber(index - 1) && !isNumber(index + 1)),
  );
  if (lone.size === 0) return false;
  return ({ cx, cy, index = -1 }: { cx?: number | undefined; cy?: number | undefined; index?: number }) =>
    lone.has(index) ? <circle key={index} cx={cx ?? 0} cy={cy ?? 0} r={1.75} fill={colour} /> : null;
}

/** Tells the legend where the cursor is, wherever it came from: mouse, keys, or another chart. */
function CursorProbe({ onCursor }: { onCursor: (timeMs: number | undefined) => void }) {
  const active = useIsTooltipActive();
  const label = useActiveTooltipLabel();
  const timeMs = active && label !== undefined ? Number(label) : undefined;
  useEffect(() => onCursor(timeMs), [onCursor, timeMs]);
  return null;
}
