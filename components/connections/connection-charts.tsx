'use client';

import { memo, useMemo } from 'react';
import { formatDuration } from '@/components/shell/format-count.ts';
import type { ConnectionSample } from '@/lib/wire/connection-pages.ts';
import { chartSpanMs, lagLines, stateLines, transportLines, turnoverLines } from './connection-lines.ts';
import { LinesChart } from './lines-chart.tsx';

type ConnectionChartsProps = { samples: readonly ConnectionSample[] };

/**
 * All connections of the server over the last quarter of an hour, or as long as it has been measured. On a phone the
 * charts stand in a strip, or the table below would be out of reach.
 */
export const ConnectionCharts = memo(function ConnectionCharts({ samples }: ConnectionChartsProps) {
  const toMs = samples.at(-1)?.atMs ?? 0;
  const spanMs = chartSpanMs(samples, toMs);
  const fromMs = toMs - spanMs;
  const charts = useMemo(
    () => [
      { title: 'Connections by state', unit: '', lines: stateLines(samples, spanMs) },
      { title: 'Connections by transport', unit: '', lines: transportLines(samples, spanMs) },
      { title: 'Opened and closed', unit: '/s', lines: turnoverLines(samples, spanMs) },
      { title: 'Lag', unit: 'ms', lines: lagLines(samples, spanMs) },
    ],
    [samples, spanMs],
  );
  return (
    <section
      aria-label={`Charts of the last ${formatDuration(spanMs)}, scrollable`}
      className="grid shrink-0 gap-2 px-3 py-2 max-sm:flex max-sm:overflow-x-auto sm:grid-cols-2 xl:grid-cols-4"
    >
      {charts.map((chart) => (
        <LinesChart key={chart.title} {...chart} fromMs={fromMs} toMs={toMs} />
      ))}
    </section>
  );
});
