'use client';

import { useRef } from 'react';
import { ComposedChart, Line, ReferenceArea, XAxis, YAxis } from 'recharts';
import { AXIS_TEXT } from '@/components/metrics/time-plot.tsx';
import { formatTick, needSeconds, timeTicks, zoneOffsetMs } from '@/components/metrics/time-ticks.ts';
import { useInSight } from '@/components/metrics/use-in-sight.ts';
import { formatDuration } from '@/components/shell/format-count.ts';
import type { Phase, PhaseChange } from '@/lib/client/state.ts';
import { PHASE_COLOURS, PHASE_WORDS, type PhaseBand, phaseBands } from './phase-bands.ts';

const TICK_PX = 90;

type PhaseTimelineProps = { changes: readonly PhaseChange[]; nowMs: number; spanMs: number };

/** Phases as coloured bands, with their sum in words: colour is never the only carrier. */
export function PhaseTimeline({ changes, nowMs, spanMs }: PhaseTimelineProps) {
  const root = useRef<HTMLDivElement>(null);
  const { widthPx } = useInSight(root);
  const fromMs = nowMs - spanMs;
  const ticks = timeTicks(fromMs, nowMs, Math.max(2, Math.floor(widthPx / TICK_PX)), zoneOffsetMs(nowMs));
  const bands = phaseBands(changes, fromMs, nowMs);
  const totals = totalsOf(bands);
  const words = totals.map(([phase, totalMs]) => `${PHASE_WORDS[phase]} ${formatDuration(totalMs)}`).join(', ');
  return (
    <div ref={root} className="min-w-0">
      {widthPx > 0 && (
        <ComposedChart
          width={widthPx}
          height={48}
          data={[
            { t: fromMs, none: 0 },
            { t: nowMs, none: 0 },
          ]}
          margin={{ top: 2, right: 24, bottom: 0, left: 24 }}
          accessibilityLayer={false}
          role="img"
          aria-label={`Phases of the last ${formatDuration(spanMs)}: ${words}`}
        >
          <XAxis
            dataKey="t"
            type="number"
            domain={[fromMs, nowMs]}
            ticks={ticks}
            interval={0}
            tickFormatter={(timeMs: number) => formatTick(timeMs, needSeconds(ticks))}
            tickLine={false}
            tick={AXIS_TEXT}
            axisLine={{ stroke: 'var(--line-strong)' }}
            height={18}
          />
          <YAxis hide domain={[0, 1]} />
          {/* Recharts gives an axis its scale only if something is drawn on it. */}
          <Line dataKey="none" stroke="none" dot={false} activeDot={false} isAnimationActive={false} />
          {bands.map(({ phase, fromMs: x1, toMs: x2 }) => (
            <ReferenceArea
              key={x1}
              x1={x1}
              x2={x2}
              y1={0}
              y2={1}
              fill={PHASE_COLOURS[phase]}
              fillOpacity={phase === 'live' ? 0.55 : 0.9}
              stroke={PHASE_COLOURS[phase]}
              ifOverflow="hidden"
            />
          ))}
        </ComposedChart>
      )}
      <ul className="mt-1 flex flex-wrap gap-x-4 px-2 text-[12px] text-ink-soft">
        {totals.map(([phase, totalMs]) => (
          <li key={phase} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2 rounded-sm" style={{ background: PHASE_COLOURS[phase] }} />
            {PHASE_WORDS[phase]} <span className="text-ink">{formatDuration(totalMs)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function totalsOf(bands: readonly PhaseBand[]): [Phase, number][] {
  const totals = new Map<Phase, number>();
  for (const { phase, fromMs, toMs } of bands) totals.set(phase, (totals.get(phase) ?? 0) + toMs - fromMs);
  return [...totals.entries()].sort(([, a], [, b]) => b - a);
}
