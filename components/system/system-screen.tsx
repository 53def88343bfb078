'use client';

import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { useThrottled } from '@/components/metrics/use-throttled.ts';
import { formatCounted } from '@/components/shell/format-count.ts';
import { Segmented } from '@/components/ui/segmented.tsx';
import type { SystemReport, SystemSample } from '@/lib/wire/system-pages.ts';
import { BreakerPanel } from './breaker-panel.tsx';
import { CHAOS_ID, ChaosPanel } from './chaos-panel.tsx';
import { CHART_GROUPS } from './chart-groups.ts';
import { DiagnosticsPanel } from './diagnostics-panel.tsx';
import { GcPanel } from './gc-panel.tsx';
import { HeapPanel } from './heap-panel.tsx';
import { LedgerPanel } from './ledger-panel.tsx';
import { limitsOf } from './limits.ts';
import { MemoryPanel } from './memory-panel.tsx';
import { stepOf } from './sample-columns.ts';
import { SlowCallPanel } from './slow-call-panel.tsx';
import { SystemChart } from './system-chart.tsx';
import { SystemSkeleton } from './system-skeleton.tsx';
import { addressOfSystem, SYSTEM_RANGE_KEYS, SYSTEM_RANGES, type SystemRange, systemRange } from './system-url.ts';
import { systemVerdict } from './system-verdict.ts';
import { useChaos } from './use-chaos.ts';
import { useSystem } from './use-system.ts';
import { VerdictBar } from './verdict-bar.tsx';

/** A screen of charts costs a third of a core when it is drawn anew each second. */
const REDRAW_MIN_MS = 2000;
/** Frames do not come to the millisecond: a pause of exactly a step would skip every other one. */
const SLACK_MS = 500;

/** The server's own health: what it says of itself once a second, and what it can be made to suffer. */
export function SystemScreen() {
  const query = useSearchParams().toString();
  const range = systemRange(new URLSearchParams(query));
  const { report, samples, status } = useSystem();
  const chaos = useChaos(report?.enabled.chaos ?? false);
  if (!report) return <SystemSkeleton lost={status === 'lost'} />;
  const lost = status === 'lost';
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-3 py-1.5">
        <VerdictBar verdict={systemVerdict(report, samples)} report={report} lost={lost} />
        <FaultLink count={chaos.report?.active.length ?? 0} />
        <Segmented
          label="Time range"
          options={SYSTEM_RANGE_KEYS}
          value={range}
          onChange={(next) => window.history.pushState(null, '', addressOfSystem(next))}
        />
      </div>
      <div
        data-stale={lost || undefined}
        className="relative flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-3 data-stale:grayscale"
      >
        <Charts {...{ report, samples, range }} />
        <div className="grid gap-2 lg:grid-cols-2">
          <BreakerPanel report={report} />
          <SlowCallPanel report={report} />
          <HeapPanel report={report} />
          <GcPanel report={report} />
          <MemoryPanel report={report} samples={samples} />
          <LedgerPanel report={report} />
        </div>
        <DiagnosticsPanel enabled={report.enabled.diagnostics} />
        <ChaosPanel enabled={report.enabled.chaos} chaos={chaos} nowMs={report.nowMs} />
      </div>
    </>
  );
}

/** From the top of the page to where what was broken on purpose can be healed. */
function FaultLink({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <a href={`#${CHAOS_ID}`} className="text-[12px] text-warn underline">
      {formatCounted(count, 'fault')} on purpose
    </a>
  );
}

type ChartsProps = { report: SystemReport; samples: readonly SystemSample[]; range: SystemRange };

function Charts({ report, samples: newest, range }: ChartsProps) {
  const rangeMs = SYSTEM_RANGES[range];
  const stepMs = stepOf(rangeMs);
  const samples = useThrottled(newest, Math.max(REDRAW_MIN_MS, stepMs) - SLACK_MS, range);
  const window = useMemo(() => {
    const toMs = samples.at(-1)?.atMs ?? 0;
    return { samples, fromMs: toMs - rangeMs, toMs, stepMs };
  }, [samples, rangeMs, stepMs]);
  return CHART_GROUPS.map(({ title, metrics }) => (
    <section key={title} aria-label={title}>
      <h2 className="mb-1.5 text-[13px] font-semibold text-ink-soft">{title}</h2>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-2">
        {metrics.map((metric) => (
          <SystemChart key={metric} metric={metric} window={window} {...limitsOf(metric, report)} />
        ))}
      </div>
    </section>
  ));
}
