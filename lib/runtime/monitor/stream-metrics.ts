import type { ConnectionStats } from '@/lib/stream/connection-stats.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { Labelled, MetricSet } from './metric-set.ts';

export type StreamMetricsContext = {
  readonly hub: StreamHub;
  readonly connections: Pick<ConnectionStats, 'lagMs' | 'herd'>;
};

/** What the Connections page shows, for Prometheus. */
export function addStreamMetrics(set: MetricSet, { hub, connections }: StreamMetricsContext): void {
  set.gauge('connections', 'Open streams.', () => hub.connections);
  set.gauge('connections_max', 'Open streams at most.', () => hub.admission.limits.connectionsMax);
  const help = 'Open streams by transport and state; active ones by what they do.';
  set.gauges('connections_by_state', help, ['transport', 'state'], () => countByState(hub));
  set.gauge('stream_groups', 'Groups of streams with one filter and one wire format.', () => hub.groups);
  set.counter('streams_opened_total', 'Streams opened.', () => hub.opened);
  set.counter('streams_refused_total', 'Streams refused by a limit.', () => hub.admission.refused);
  set.counters('streams_closed_total', 'Streams closed, by reason.', ['reason'], () =>
    [...hub.closedByReason].map(([reason, count]) => [{ reason }, count] as const),
  );
  set.counter('delivered_events_total', 'Events handed to streams.', () => hub.delivered.events);
  set.counter('delivered_bytes_total', 'Bytes handed to streams.', () => hub.delivered.bytes);
  set.counter('encoded_frames_total', 'Frames encoded, each for a whole group of streams.', () => hub.encodedFrames());
  set.gauges('delivery_lag_seconds', 'How long the oldest event not sent has waited.', ['quantile'], () => {
    const { p50, p95, p99 } = connections.lagMs;
    return [
      [{ quantile: '0.5' }, p50 / 1000],
      [{ quantile: '0.95' }, p95 / 1000],
      [{ quantile: '0.99' }, p99 / 1000],
    ];
  });
  set.gauge(
    'herd_factor',
    'Last burst of arrivals: busiest second over the mean one.',
    () => connections.herd?.factor ?? 0,
  );
}

function countByState({ sessions }: StreamHub): Labelled {
  const counts = new Map<string, [{ transport: string; state: string }, number]>();
  for (const { life, peer } of sessions.values()) {
    const state = life.activity ?? life.state;
    const key = `${peer.transport} ${state}`;
    const count = counts.get(key);
    if (count) count[1] += 1;
    else counts.set(key, [{ transport: peer.transport, state }, 1]);
  }
  return counts.values();
}
