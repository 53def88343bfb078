import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Follower } from '@/lib/journal/follower.ts';
import { GC_BUCKETS_MS } from '@/lib/wire/system-pages.ts';
import { MetricSet } from '../monitor/metric-set.ts';
import { addStreamMetrics, type StreamMetricsContext } from '../monitor/stream-metrics.ts';
import { addSystemMetrics, type SystemMetricsContext } from '../monitor/system-metrics.ts';
import type { ForwardIngest } from './forward-ingest.ts';
import type { OwnerWatch } from './owner-watch.ts';

export type GatewayMetricsContext = StreamMetricsContext &
  Omit<SystemMetricsContext, 'journal'> & {
    readonly journal: Follower;
    readonly forward: Pick<ForwardIngest, 'counts'>;
    readonly server: Pick<OwnerWatch, 'isThere'>;
  };

/** `GET /metrics` of a gateway: the streams' part of the server's, and how the following goes. */
export function createGatewayMetrics(context: GatewayMetricsContext): () => Promise<string> {
  const { journal, forward, server } = context;
  const registry = new Registry();
  const gcDurationBuckets = GC_BUCKETS_MS.map((boundMs) => boundMs / 1000);
  collectDefaultMetrics({ register: registry, prefix: 'tailrace_', gcDurationBuckets });
  const set = new MetricSet(registry);
  addStreamMetrics(set, context);
  addSystemMetrics(set, context);
  set.gauge('journal_head_seq', 'Sequence number of the newest event seen here.', () => journal.headSeq);
  set.gauge('journal_oldest_seq', 'Sequence number of the oldest event kept.', () => journal.oldestSeq);
  set.gauge('ring_events', 'Events in the hot ring.', () => journal.ring.size);
  set.gauge('ring_bytes', 'Estimated bytes of the hot ring.', () => journal.ring.bytes);
  set.gauge('gateway_server_up', '1 while a server is at work on the journal.', () => Number(server.isThere));
  set.counter('gateway_looks_total', 'How often the journal was asked for what is new.', () => journal.looks);
  set.counter('gateway_forwarded_requests_total', 'Requests handed on to the server.', () => forward.counts.requests);
  set.counter('gateway_failed_forwards_total', 'Those of them that came to nothing.', () => forward.counts.failed);
  return () => registry.metrics();
}
