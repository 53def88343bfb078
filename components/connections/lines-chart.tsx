'use client';

import { useEffect, useMemo, useRef, useState } from 'react';
import { summarize, toRows, valueAt } from '@/components/metrics/chart-data.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { TimePlot } from '@/components/metrics/time-plot.tsx';
import { useInSight } from '@/components/metrics/use-in-sight.ts';
import type { ChartLine } from './connection-lines.ts';

const PLOT_PX = 104;

type Drawn = { readonly lines: readonly ChartLine[]; readonly fromMs: number; readonly toMs: number };
type LinesChartProps = Drawn & { title: string; unit: string };

/** A few lines over time, with a legend that holds their values. Out of sight it keeps what it last drew. */
export function LinesChart({ title, unit, lines, fromMs, toMs }: LinesChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const [cursorMs, setCursorMs] = useState<number>();
  const [shown, setShown] = useState<Drawn>();
  const { inSight, widthPx } = useInSight(root);
  useEffect(() => {
    if (inSight) setShown({ lines, fromMs, toMs });
  }, [inSight, lines, fromMs, toMs]);
  return (
    <section
      aria-label={title}
      className="flex min-w-0 flex-col rounded-md border border-line bg-raised pt-2 max-sm:w-72 max-sm:shrink-0"
    >
      <h3 className="px-3 text-[13px] font-medium">{title}</h3>
      <div ref={root} style={{ height: PLOT_PX }}>
        {shown?.lines.some(({ data }) => data.points.length > 0) && widthPx > 0 ? (
          <Plot {...{ title, unit, widthPx }} {...shown} onCursor={setCursorMs} />
        ) : (
          <p className="grid h-full place-items-center text-[12px] text-ink-faint">Nothing measured yet</p>
        )}
      </div>
      <Legend lines={shown?.lines ?? []} unit={unit} cursorMs={cursorMs} />
    </section>
  );
}

type PlotProps = LinesChartProps & { widthPx: number; onCursor: (timeMs: number | undefined) => void };

function Plot({ title, unit, lines, fromMs, toMs, widthPx, onCursor }: PlotProps) {
  const rows = useMemo(() => toRows(lines.map(({ data }) => data)), [lines]);
  const summaries = lines.map(({ data }) => summarize(data));
  const words = lines.map(({ name }, index) => `${name} ${formatValue(summaries[index]?.last ?? 0, unit)}`).join(', ');
  return (
    <TimePlot
      {...{ rows, lines, unit, fromMs, toMs, widthPx, onCursor }}
      banded={false}
      min={0}
      max={Math.max(...summaries.map((summary) => summary?.max ?? 0))}
      heightPx={PLOT_PX}
      label={`${title} over time, at its end: ${words}`}
    />
  );
}

/** Two lines high from the start: a first refusal must not move the table below. */
function Legend({
  lines,
  unit,
  cursorMs,
}: {
  lines: readonly ChartLine[];
  unit: string;
  cursorMs: number | undefined;
}) {
  return (
    <ul className="flex min-h-10 flex-wrap content-start gap-x-3 px-3 pb-1.5 text-[11px] text-ink-soft">
      {lines.map(({ name, colour, data }) => {
        const value = cursorMs === undefined ? data.points.at(-1)?.value : valueAt(data, cursorMs);
        return (
          <li key={name} className="flex min-w-0 items-center gap-1">
            <span aria-hidden className="h-0.5 w-2.5 shrink-0" style={{ background: colour }} />
            <span className="truncate">{name}</span>
            <span className="min-w-[7ch] text-ink">{value === undefined ? '–' : formatValue(value, unit)}</span>
          </li>
        );
      })}
    </ul>
  );
}
