'use client';

import { useMemo, useRef, useState } from 'react';
import { summarize, toRows, valueAt } from '@/components/metrics/chart-data.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { TimePlot } from '@/components/metrics/time-plot.tsx';
import { useInSight } from '@/components/metrics/use-in-sight.ts';
import type { StreamSample } from '@/lib/client/state.ts';
import { type SampleField, sampleLine } from './sample-lines.ts';

const SPAN_MS = 300_000;
const PLOT_PX = 110;

type SampleChartProps = {
  title: string;
  samples: readonly StreamSample[];
  field: SampleField;
  unit: string;
  nowMs: number;
};

/** One measure of this browser's stream over the last five minutes. */
export function SampleChart({ title, samples, field, unit, nowMs }: SampleChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const [cursorMs, setCursorMs] = useState<number>();
  const { widthPx } = useInSight(root);
  const line = useMemo(() => sampleLine(samples, field, nowMs - SPAN_MS), [samples, field, nowMs]);
  const rows = useMemo(() => toRows([line]), [line]);
  const lines = useMemo(() => [{ name: title, colour: 'var(--accent)' }], [title]);
  const summary = summarize(line);
  const value = cursorMs === undefined ? summary?.last : valueAt(line, cursorMs);
  return (
    <section aria-label={title} className="min-w-0 rounded-md border border-line bg-raised pt-2">
      <div className="flex items-baseline justify-between px-3">
        <h3 className="text-[13px] font-medium">{title}</h3>
        <span className="text-[13px] font-medium">{value === undefined ? '' : formatValue(value, unit)}</span>
      </div>
      <div ref={root} style={{ height: PLOT_PX }}>
        {summary && widthPx > 0 ? (
          <TimePlot
            {...{ rows, lines, unit, widthPx }}
            banded={false}
            fromMs={nowMs - SPAN_MS}
            toMs={nowMs}
            min={summary.min}
            max={summary.max}
            heightPx={PLOT_PX}
            label={`${title}, last five minutes. Last ${formatValue(summary.last, unit)}, most ${formatValue(summary.max, unit)}`}
            onCursor={setCursorMs}
          />
        ) : (
          <p className="grid h-full place-items-center text-[12px] text-ink-faint">Nothing measured yet</p>
        )}
      </div>
    </section>
  );
}
