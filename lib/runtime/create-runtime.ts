import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { MetricQuery } from '@/lib/history/history-port.ts';
import { openHistory } from '@/lib/history/open-history.ts';
import { NamedAppends } from '@/lib/ingest/named-appends.ts';
import { SourceFeed } from '@/lib/ingest/source-feed.ts';
import { Journal } from '@/lib/journal/journal.ts';
import { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import { createLogStream } from '@/lib/sources/index.ts';
import { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { HistoryPage, MetricPage } from '@/lib/wire/pages.ts';
import { IngestTotals } from './ingest-totals.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { type EventsQuery, readEvents } from './read-events.ts';
import { startSources } from './start-sources.ts';

/** Everything that runs, joined. Rooms know nothing of each other; this is the only place that knows them all. */
export type Runtime = {
  readonly config: Config;
  readonly log: Logger;
  /** For errors that nobody was to expect. */
  onError(error: unknown): void;
  readonly journal: Journal;
  readonly hub: StreamHub;
  readonly ingestSink: NamedAppends;
  readonly ingestTotals: IngestTotals;
  readEvents(query: EventsQuery): Promise<HistoryPage>;
  queryMetrics(query: MetricQuery): Promise<MetricPage>;
  /** Position of the newest durable event. */
  head(): string;
  /** The services seen, sorted. */
  services(): string[];
  /** Rejects when the journal cannot answer. */
  checkReady(): Promise<void>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** Ends the streams with a goodbye, stops the sources, flushes the journal, closes the history. Runs once. */
  close(): Promise<void>;
};

const JOURNAL_LIMITS = {
  pendingEventsMax: 100_000,
  pendingBytesMax: 64 * 1024 * 1024,
  batchEventsMax: 2000,
  commitIntervalMs: 5,
};

export async function createRuntime(config: Config): Promise<Runtime> {
  const logStream = createLogStream();
  const log = createLogger(config.logLevel, logStream.stream);
  const store = await openHistory(config);
  const journal = new Journal({
    store,
    clock: systemClock,
    ring: config.ring,
    seriesMax: config.seriesMax,
    ...JOURNAL_LIMITS,
  });
  await journal.open().catch(async (error: unknown) => {
    // The next request tries again, with a history of its own: this one's thread must not stay.
    await store.close();
    throw error;
  });
  // About the way of events itself: into the journal it would go round in a circle.
  const pathLog = log.child({ journal: false });
  const onError = (error: unknown): void => pathLog.error({ err: error }, 'unexpected error');
  const { heartbeatMs, retryMs, connectionsMax } = config;
  const hub = new StreamHub({ journal, clock: systemClock, heartbeatMs, retryMs, connectionsMax, onError });
  const retention = new RetentionLoop({ journal, limits: config.retention, now: systemClock.now, onError });
  const ingestSink = new NamedAppends({
    append: (events, name) => journal.append(events, name),
    receipts: (keys) => store.receipts(keys),
  });
  const ingestTotals = new IngestTotals();
  const feed = new SourceFeed({
    append: (events) => journal.append(events),
    now: systemClock.now,
    onLost: (count) =>
      log.error({ count }, `the history store was away; ${count} events of built-in sources were given up`),
  });
  const parts = { config, journal, hub, feed, retention, ingestTotals };
  const stopSources = await startSources({ ...parts, log, logSource: logStream.source });
  const metrics = createMetrics(parts);
  log.info({ epoch: journal.epoch, headSeq: journal.headSeq, database: config.databaseUrl }, 'journal open');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log.info({ connections: hub.connections }, 'shutting down');
    await hub.drain(hub.connections > 50 ? config.drainMs : 0);
    await stopSources();
    await journal.flush();
    retention.stop();
    feed.close();
    hub.close();
    await store.close();
  };
  return {
    config,
    log,
    onError,
    journal,
    hub,
    ingestSink,
    ingestTotals,
    readEvents: (query) => readEvents(journal, query),
    queryMetrics: async (query) => {
      const { headSeq, ...page } = await store.queryMetrics(query);
      return { ...page, position: formatPosition(journal.epoch, headSeq) };
    },
    head: () => formatPosition(journal.epoch, journal.headSeq),
    services: () => journal.services.list(),
    checkReady: async () => {
      await store.bounds();
    },
    metrics,
    close: () => (closing ??= close()),
  };
}
