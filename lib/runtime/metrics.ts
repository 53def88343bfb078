import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { SourceFeed } from '@/lib/ingest/source-feed.ts';
import type { Journal } from '@/lib/journal/journal.ts';
import type { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { IngestTotals } from './ingest-totals.ts';

export type MetricsContext = {
  readonly journal: Journal;
  readonly hub: StreamHub;
  readonly feed: SourceFeed;
  readonly retention: RetentionLoop;
  readonly ingestTotals: IngestTotals;
};

/** `GET /metrics`: read when asked, so that counting costs the hot paths nothing. */
export function createMetrics(context: MetricsContext): () => Promise<string> {
  const { journal, hub, feed, retention, ingestTotals } = context;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'tailrace_' });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `tailrace_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `tailrace_${name}`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  gauge('connections', 'Open streams.', () => hub.connections);
  gauge('stream_groups', 'Groups of streams with one filter and one wire format.', () => hub.groups);
  gauge('journal_head_seq', 'Sequence number of the newest durable event.', () => journal.headSeq);
  gauge('journal_oldest_seq', 'Sequence number of the oldest event kept.', () => journal.oldestSeq);
  gauge('journal_pending_events', 'Events waiting for a commit.', () => journal.pendingEvents);
  gauge('ring_events', 'Events in the hot ring.', () => journal.ring.size);
  gauge('ring_bytes', 'Estimated bytes of the hot ring.', () => journal.ring.bytes);
  gauge('history_bytes', 'Bytes used by the history.', () => retention.bytes);
  gauge('series', 'Metric series known.', () => journal.series.size);
  counter(
    'series_refused_samples_total',
    'Samples not charted for lack of room for their series.',
    () => journal.series.refused,
  );
  counter('retention_removed_events_total', 'Events removed by retention.', () => retention.removed);
  counter('ingest_requests_total', 'Requests to POST /api/events.', () => ingestTotals.requests);
  counter('ingest_accepted_events_total', 'Events accepted over HTTP.', () => ingestTotals.accepted);
  counter('ingest_rejected_events_total', 'Events rejected over HTTP.', () => ingestTotals.rejected);
  counter(
    'sources_lost_events_total',
    'Events of built-in sources given up while the store was away.',
    () => feed.lost,
  );
  counter('streams_opened_total', 'Streams opened.', () => hub.opened);
  counter('delivered_events_total', 'Events handed to streams.', () => hub.delivered().events);
  counter('delivered_bytes_total', 'Bytes handed to streams.', () => hub.delivered().bytes);
  new Counter({
    name: 'tailrace_streams_closed_total',
    help: 'Streams closed, by reason.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of hub.closedByReason) this.inc({ reason }, count);
    },
  });
  return () => registry.metrics();
}
