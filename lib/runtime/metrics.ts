import { collectDefaultMetrics, Registry } from 'prom-client';
import type { SourceFeed } from '@/lib/ingest/source-feed.ts';
import type { Journal } from '@/lib/journal/journal.ts';
import type { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import { GC_BUCKETS_MS } from '@/lib/wire/system-pages.ts';
import type { IngestTotals } from './ingest-totals.ts';
import { addIngestMetrics, type IngestMetricsContext } from './monitor/ingest-metrics.ts';
import { MetricSet } from './monitor/metric-set.ts';
import { addStreamMetrics, type StreamMetricsContext } from './monitor/stream-metrics.ts';
import { addSystemMetrics, type SystemMetricsContext } from './monitor/system-metrics.ts';

export type MetricsContext = StreamMetricsContext &
  IngestMetricsContext &
  Omit<SystemMetricsContext, 'journal'> & {
    readonly journal: Journal;
    readonly feed: SourceFeed;
    readonly retention: RetentionLoop;
    readonly ingestTotals: IngestTotals;
  };

/** `GET /metrics`: read when asked, so that counting costs the hot paths nothing. */
export function createMetrics(context: MetricsContext): () => Promise<string> {
  const { journal, feed, retention, ingestTotals } = context;
  const registry = new Registry();
  const gcDurationBuckets = GC_BUCKETS_MS.map((boundMs) => boundMs / 1000);
  collectDefaultMetrics({ register: registry, prefix: 'tailrace_', gcDurationBuckets });
  const set = new MetricSet(registry);
  addStreamMetrics(set, context);
  addSystemMetrics(set, context);
  addIngestMetrics(set, context);
  set.gauge('journal_head_seq', 'Sequence number of the newest event.', () => journal.headSeq);
  set.gauge('journal_oldest_seq', 'Sequence number of the oldest event kept.', () => journal.oldestSeq);
  set.gauge('journal_pending_events', 'Events waiting for a commit.', () => journal.pendingEvents);
  set.gauge('ring_events', 'Events in the hot ring.', () => journal.ring.size);
  set.gauge('ring_bytes', 'Estimated bytes of the hot ring.', () => journal.ring.bytes);
  set.gauge('history_bytes', 'Bytes used by the history.', () => retention.bytes);
  set.gauge('series', 'Metric series known.', () => journal.series.size);
  set.counter(
    'series_refused_samples_total',
    'Samples not charted for lack of room for their series.',
    () => journal.series.refused,
  );
  set.counter('retention_removed_events_total', 'Events removed by retention.', () => retention.removed);
  set.counter(
    'ingest_requests_total',
    'Requests, messages or lines of senders, by whichever protocol.',
    () => ingestTotals.requests,
  );
  set.counter(
    'ingest_accepted_events_total',
    'Events of senders accepted, by whichever protocol.',
    () => ingestTotals.accepted,
  );
  set.counter(
    'ingest_rejected_events_total',
    'Events of senders rejected, by whichever protocol.',
    () => ingestTotals.rejected,
  );
  set.counter(
    'ingest_limited_requests_total',
    'Requests refused by the rate of an address.',
    () => ingestTotals.limited,
  );
  set.counter('ingest_failed_requests_total', 'Requests that this server could not serve.', () => ingestTotals.failed);
  set.counter(
    'sources_lost_events_total',
    'Events of built-in sources given up while the store was away.',
    () => feed.lost,
  );
  return () => registry.metrics();
}
