'use client';

import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { type LineData, summarize, toRows, valueAt } from '@/components/metrics/chart-data.ts';
import { drawQueue } from '@/components/metrics/draw-queue.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { TimePlot } from '@/components/metrics/time-plot.tsx';
import { formatTick } from '@/components/metrics/time-ticks.ts';
import { useInSight } from '@/components/metrics/use-in-sight.ts';
import { TONE_TEXT, type Tone } from '@/components/ui/badge.tsx';
import { SYSTEM_METRICS, type SystemMetric, type SystemSample } from '@/lib/wire/system-pages.ts';
import { limitLines } from './limit-lines.tsx';
import { sustained, toneOf } from './limits.ts';
import { columnLine } from './sample-columns.ts';

const PLOT_PX = 110;
const FRESH_MS = 10_000;
const TONE_WORD: Readonly<Record<Tone, string>> = { good: '', neutral: '', warn: 'strained', bad: 'alarming' };
const TONE_LINE: Readonly<Record<Tone, string>> = {
  good: 'var(--accent)',
  neutral: 'var(--accent)',
  warn: 'var(--warn)',
  bad: 'var(--bad)',
};

export type ChartWindow = {
  readonly samples: readonly SystemSample[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
};
type SystemChartProps = {
  metric: SystemMetric;
  window: ChartWindow;
  warn: number | undefined;
  alarm: number | undefined;
};

/** One small multiple; out of sight it keeps what it last drew, in sight it waits for its turn. */
export const SystemChart = memo(function SystemChart(props: SystemChartProps) {
  const { metric, window, warn, alarm } = props;
  const root = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(props);
  const { inSight, widthPx } = useInSight(root);
  useEffect(() => {
    if (inSight) return drawQueue.add(() => setShown({ metric, window, warn, alarm }));
  }, [inSight, metric, window, warn, alarm]);
  return (
    <article
      ref={root}
      aria-label={SYSTEM_METRICS[metric].title}
      data-testid={`chart-${metric}`}
      className="min-w-0 rounded-md border border-line bg-raised pt-2"
    >
      <DrawnChart {...shown} widthPx={widthPx} />
    </article>
  );
});

const DrawnChart = memo(function DrawnChart(props: SystemChartProps & { widthPx: number }) {
  const { metric, window, warn, alarm, widthPx } = props;
  const { samples, fromMs, toMs, stepMs } = window;
  const { title, unit } = SYSTEM_METRICS[metric];
  const [cursorMs, setCursorMs] = useState<number>();
  const line = useMemo(() => columnLine(samples, metric, fromMs, stepMs), [samples, metric, fromMs, stepMs]);
  const rows = useMemo(() => toRows([line]), [line]);
  const tone = toneOf(sustained(samples, metric), { warn, alarm });
  const lines = useMemo(() => [{ name: title, colour: TONE_LINE[tone] }], [title, tone]);
  const summary = summarize(line);
  const max = summary?.max ?? 0;
  const levels = useMemo(() => limitLines(warn, alarm, max), [warn, alarm, max]);
  const value = cursorMs === undefined ? newestValue(line, toMs) : valueAt(line, cursorMs);
  const limits = limitText(warn, alarm, unit);
  const most = summary ? `max ${formatValue(summary.max, unit)}` : '';
  return (
    <>
      <div className="flex items-baseline gap-2 px-3">
        <h3 className="mr-auto min-w-0 truncate text-[13px] font-medium">{title}</h3>
        <span className="shrink-0 text-[11px] text-ink-faint">
          {cursorMs === undefined ? '' : formatTick(cursorMs, true)}
        </span>
        {TONE_WORD[tone] && <span className={`shrink-0 text-[11px] ${TONE_TEXT[tone]}`}>{TONE_WORD[tone]}</span>}
        <span
          data-testid={`value-${metric}`}
          className={`shrink-0 text-[13px] font-medium ${TONE_WORD[tone] ? TONE_TEXT[tone] : ''}`}
        >
          {value === undefined ? '–' : formatValue(value, unit)}
        </span>
      </div>
      <div style={{ height: PLOT_PX }} className="in-data-stale:opacity-60">
        {summary && widthPx > 0 ? (
          <TimePlot
            {...{ rows, lines, unit, fromMs, toMs, widthPx }}
            banded
            min={summary.min}
            max={summary.max}
            heightPx={PLOT_PX}
            label={`${title} over time. Last ${formatValue(summary.last, unit)}, ${most}${limits && `, ${limits}`}`}
            onCursor={setCursorMs}
          >
            {levels}
          </TimePlot>
        ) : (
          <p className="grid h-full place-items-center text-[12px] text-ink-faint">Nothing measured yet</p>
        )}
      </div>
      <p className="flex min-h-6 justify-between gap-2 px-3 pb-1.5 text-[11px] whitespace-nowrap text-ink-faint">
        <span className="truncate">{most}</span>
        <span className="shrink-0">{limits}</span>
      </p>
    </>
  );
});

/** What was measured long ago is no value of now: without calls the history has no call times. */
function newestValue({ points }: LineData, nowMs: number): number | undefined {
  const newest = points.at(-1);
  return newest && nowMs - newest.timeMs <= FRESH_MS ? newest.value : undefined;
}

/** The scale follows the values, so a level far above them is told in words. */
function limitText(warn: number | undefined, alarm: number | undefined, unit: string): string {
  const parts = [
    ...(warn === undefined ? [] : [`warn ${formatValue(warn, unit)}`]),
    ...(alarm === undefined ? [] : [`alarm ${formatValue(alarm, unit)}`]),
  ];
  return parts.join(' · ');
}
