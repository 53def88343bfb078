'use client';

import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { serviceColour } from '@/components/logs/service-colour.ts';
import { formatCounted } from '@/components/shell/format-count.ts';
import { plain } from '@/components/ui/plain-text.ts';
import type { ServiceCharts } from './group-series.ts';
import { MetricChart, type TimeWindow } from './metric-chart.tsx';

type ServiceSectionProps = { group: ServiceCharts; window: TimeWindow };

export const ServiceSection = memo(function ServiceSection({ group, window }: ServiceSectionProps) {
  return (
    <details open className="group/section mb-4">
      <summary className="sticky top-0 z-[1] flex h-8 list-none items-center gap-2 bg-surface px-3 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={14}
          aria-hidden
          className="text-ink-faint transition-transform group-open/section:rotate-90"
        />
        <span
          aria-hidden
          className="h-3.5 w-1 shrink-0 rounded-sm"
          style={{ background: serviceColour(group.service) }}
        />
        <h2 className="min-w-0 truncate text-[13px] font-semibold" title={plain(group.service)}>
          {plain(group.service)}
        </h2>
        <span className="shrink-0 text-[12px] text-ink-faint">{formatCounted(group.charts.length, 'chart')}</span>
      </summary>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-2 px-3">
        {group.charts.map((chart) => (
          <MetricChart key={chart.key} chart={chart} window={window} />
        ))}
      </div>
    </details>
  );
});
