'use client';

import { useEffect } from 'react';
import { useThrottled } from '@/components/metrics/use-throttled.ts';
import { formatDuration } from '@/components/shell/format-count.ts';
import { useNow } from '@/components/shell/use-now.ts';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { useConnection } from '@/lib/client/use-connection.ts';
import { ConnectionSkeleton } from './connection-skeleton.tsx';
import { ConnectionTabs } from './connection-tabs.tsx';
import { GapList, OutageTable } from './outage-table.tsx';
import { Panel } from './panel.tsx';
import { timelineSpanMs } from './phase-bands.ts';
import { PhaseTimeline } from './phase-timeline.tsx';
import { SampleChart } from './sample-chart.tsx';
import { Totals } from './totals.tsx';
import { TransportPanel } from './transport-panel.tsx';
import { Verdict } from './verdict.tsx';

const REDRAW_MS = 500;
const CLOCK_MS = 1000;
const QUIET_SAMPLES = 10;

/**
 * A few events a second that always come, so that this page has a living stream to measure when it is the only one open:
 * the server's own metrics.
 */
function usePulse(head: string): void {
  const client = useTailrace();
  useEffect(() => client.watch({ kind: 'metric', services: ['tailrace'] }, head), [client, head]);
}

/** What this browser's stream is doing, and the proof that nothing is missing. */
export function ConnectionScreen({ head }: { head: string }) {
  usePulse(head);
  const connection = useThrottled(
    useConnection((state) => state),
    REDRAW_MS,
  );
  const nowMs = useNow(CLOCK_MS);
  // Everything here is measured in this browser: the server has nothing to show yet.
  if (nowMs === undefined) {
    return (
      <>
        <ConnectionTabs />
        <ConnectionSkeleton />
      </>
    );
  }
  const { samples, changes, outages, gaps } = connection;
  const spanMs = timelineSpanMs(changes, nowMs);
  const quiet = connection.phase === 'live' && samples.slice(-QUIET_SAMPLES).every(({ events }) => events === 0);
  return (
    <>
      <ConnectionTabs />
      <div className="min-h-0 flex-1 overflow-y-auto p-3">
        <div className="mx-auto flex max-w-6xl flex-col gap-3">
          <Verdict connection={connection} nowMs={nowMs} />
          <Totals connection={connection} />
          <TransportPanel connection={connection} nowMs={nowMs} />
          <Panel title={`Last ${formatDuration(spanMs)}`}>
            <div className="px-1 py-2">
              <PhaseTimeline changes={changes} nowMs={nowMs} spanMs={spanMs} />
            </div>
          </Panel>
          <div className="grid gap-3 md:grid-cols-3">
            <SampleChart title="Heartbeat delay" field="heartbeatDelayMs" unit="ms" {...{ samples, nowMs }} />
            <SampleChart title="Events" field="events" unit="/s" {...{ samples, nowMs }} />
            <SampleChart title="Bytes" field="bytes" unit="By/s" {...{ samples, nowMs }} />
          </div>
          {quiet && (
            <p className="px-1 text-[12px] text-ink-soft">
              No open screen asks for events now, or none arrive: only heartbeats flow, and they carry the position.
            </p>
          )}
          <Panel title="Reconnects">
            <OutageTable outages={outages} />
          </Panel>
          <Panel title="Gaps">
            <GapList gaps={gaps} />
          </Panel>
        </div>
      </div>
    </>
  );
}
