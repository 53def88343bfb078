'use client';

import { memo, useEffect, useId, useMemo, useRef, useState } from 'react';
import { lineColour } from '@/components/logs/service-colour.ts';
import { plain } from '@/components/ui/plain-text.ts';
import { type LineData, type LineSummary, summarize, toLine, toRows, valueAt } from './chart-data.ts';
import { drawQueue } from './draw-queue.ts';
import { formatValue } from './format-unit.ts';
import type { Chart } from './group-series.ts';
import { TimePlot } from './time-plot.tsx';
import { formatTick } from './time-ticks.ts';
import { useInSight } from './use-in-sight.ts';

export const PLOT_PX = 120;
const BANDS_MAX = 2;

export type TimeWindow = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
type MetricChartProps = { chart: Chart; window: TimeWindow };

/** One small multiple. Out of sight it keeps what it last drew: a page of a hundred charts costs what the screen shows. */
export const MetricChart = memo(function MetricChart({ chart, window }: MetricChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<MetricChartProps>();
  const { inSight, widthPx } = useInSight(root);
  useEffect(() => {
    if (inSight) return drawQueue.add(() => setShown({ chart, window }));
  }, [inSight, chart, window]);
  return (
    <div ref={root} data-testid="metric-chart" className="min-w-0 rounded-md border border-line bg-raised">
      {shown && widthPx > 0 ? <DrawnChart {...shown} widthPx={widthPx} /> : <Placeholder chart={chart} />}
    </div>
  );
});

function Placeholder({ chart }: { chart: Chart }) {
  return (
    <div style={{ minHeight: PLOT_PX + 58 }} className="px-3 py-2">
      <h3 className="truncate text-[13px] font-medium">{chart.title}</h3>
    </div>
  );
}

const DrawnChart = memo(function DrawnChart({ chart, window, widthPx }: MetricChartProps & { widthPx: number }) {
  const [cursorMs, setCursorMs] = useState<number>();
  const titleId = useId();
  const { fromMs, toMs, stepMs } = window;
  const lines = useMemo(
    () => chart.lines.map(({ series }) => toLine(series.points, chart.counter, stepMs)),
    [chart, stepMs],
  );
  const rows = useMemo(() => toRows(lines), [lines]);
  const summaries = useMemo(() => lines.map(summarize), [lines]);
  const plotLines = useMemo(
    () =>
      chart.lines.map(({ series, label }, index) => ({
        name: `${label} ${series.key}`,
        colour: colourOf(chart, index),
      })),
    [chart],
  );
  const bounds = summaries.filter((each) => each !== undefined);
  const min = Math.min(...bounds.map((each) => each.min));
  const max = Math.max(...bounds.map((each) => each.max));
  return (
    <section aria-labelledby={titleId} className="pt-2">
      <Head {...{ chart, lines, summaries, cursorMs, titleId }} />
      {bounds.length === 0 ? (
        <p style={{ height: PLOT_PX }} className="grid place-items-center text-[12px] text-ink-faint">
          No rate yet: it takes two samples
        </p>
      ) : (
        <TimePlot
          {...{ rows, fromMs, toMs, min, max, widthPx }}
          lines={plotLines}
          banded={lines.length <= BANDS_MAX}
          unit={chart.unit}
          heightPx={PLOT_PX}
          label={`${chart.title} over time. ${summaryText(chart, summaries)}`}
          onCursor={setCursorMs}
        />
      )}
      <Legend {...{ chart, lines, summaries, cursorMs }} />
    </section>
  );
});

type LegendProps = {
  chart: Chart;
  lines: readonly LineData[];
  summaries: readonly (LineSummary | undefined)[];
  cursorMs: number | undefined;
};

function Head({ chart, lines, summaries, cursorMs, titleId }: LegendProps & { titleId: string }) {
  const [line] = lines;
  const single = chart.lines.length === 1;
  return (
    <div className="flex items-baseline gap-2 px-3">
      <h3 id={titleId} className="min-w-0 truncate text-[13px] font-medium" title={chart.title}>
        {chart.title}
      </h3>
      {single && chart.lines[0]?.series.labels !== '' && (
        <span className="truncate text-[11px] text-ink-faint">{chart.lines[0]?.label}</span>
      )}
      {chart.counter && <span className="shrink-0 text-[11px] text-ink-faint">rate</span>}
      <span className="ml-auto shrink-0 text-[11px] text-ink-faint">
        {cursorMs !== undefined && formatTick(cursorMs, true)}
      </span>
      {single && line && (
        <span className="shrink-0 text-[13px] font-medium">{shownValue(line, summaries[0], cursorMs, chart.unit)}</span>
      )}
    </div>
  );
}

/** One line: its least and most. Several: each one's name and value; under the cursor the values of that moment. */
function Legend({ chart, lines, summaries, cursorMs }: LegendProps) {
  const [summary] = summaries;
  if (chart.lines.length === 1) {
    return (
      <p className="px-3 pb-1.5 text-[11px] text-ink-faint">
        {summary
          ? `min ${formatValue(summary.min, chart.unit)} · max ${formatValue(summary.max, chart.unit)}`
          : '\u00a0'}
      </p>
    );
  }
  return (
    <ul className="flex flex-wrap gap-x-3 px-3 pb-1.5 text-[11px] text-ink-soft">
      {chart.lines.map(({ series, label }, index) => {
        const line = lines[index];
        return (
          <li
            key={series.key}
            className="flex min-w-0 items-center gap-1"
            title={plain(`${series.name} ${series.labels}`)}
          >
            <span aria-hidden className="h-0.5 w-2.5 shrink-0" style={{ background: colourOf(chart, index) }} />
            <span className="max-w-32 truncate">{label}</span>
            <span className="min-w-[7ch] text-ink">
              {line && shownValue(line, summaries[index], cursorMs, chart.unit)}
            </span>
          </li>
        );
      })}
      {chart.more > 0 && <li className="text-ink-faint">+{chart.more} more</li>}
    </ul>
  );
}

function shownValue(
  line: LineData,
  summary: LineSummary | undefined,
  cursorMs: number | undefined,
  unit: string,
): string {
  const value = cursorMs === undefined ? summary?.last : valueAt(line, cursorMs);
  return value === undefined ? '–' : formatValue(value, unit);
}

function colourOf(chart: Chart, index: number): string {
  return chart.lines.length === 1 ? 'var(--accent)' : lineColour(index);
}

function summaryText(chart: Chart, summaries: readonly (LineSummary | undefined)[]): string {
  return chart.lines
    .map(({ label }, index) => {
      const summary = summaries[index];
      if (!summary) return `${label}: no samples`;
      const [last, min, max] = [summary.last, summary.min, summary.max].map((value) => formatValue(value, chart.unit));
      return `${label}: last ${last}, least ${min}, most ${max}`;
    })
    .join('; ');
}
