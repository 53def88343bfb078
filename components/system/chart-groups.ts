import type { SystemMetric } from '@/lib/wire/system-pages.ts';

type ChartGroup = { readonly title: string; readonly metrics: readonly SystemMetric[] };

/** Every metric once, in the order in which trouble spreads. */
export const CHART_GROUPS: readonly ChartGroup[] = [
  { title: 'Event loop & CPU', metrics: ['cpu', 'loopUtilization', 'loopDelayP95Ms', 'loopDelayP99Ms'] },
  { title: 'Memory & GC', metrics: ['rssBytes', 'heapUsedBytes', 'externalBytes', 'gcPauseMs'] },
  {
    title: 'Delivery',
    metrics: ['acceptedPerSecond', 'deliveredPerSecond', 'deliveryLagP95Ms', 'deliveryLagP99Ms'],
  },
  { title: 'History', metrics: ['historyP95Ms', 'historyP99Ms', 'heldEvents'] },
  { title: 'Connections, descriptors & errors', metrics: ['connections', 'descriptors', 'errorPercent'] },
];
