import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { GuardedHistory } from '@/lib/history/guarded-history.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import { NamedAppends } from '@/lib/ingest/named-appends.ts';
import { SourceFeed } from '@/lib/ingest/source-feed.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import { createLogStream } from '@/lib/sources/index.ts';
import type { ConnectionStats } from '@/lib/stream/connection-stats.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { UnchartedSamples } from '@/lib/wire/source-pages.ts';
import { type AccessParts, openAccess } from './access/open-access.ts';
import type { Chaos } from './chaos/chaos.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { Monitor } from './monitor/monitor.ts';
import { type Readiness, readiness } from './monitor/readiness.ts';
import { startMonitor } from './monitor/start-monitor.ts';
import { WatchHub } from './monitor/watch-hub.ts';
import { openJournal } from './open-journal.ts';
import { openStreams } from './open-streams.ts';
import { type ReadSide, readSideOf } from './read-side.ts';
import { type ReceptionSide, receptionSideOf } from './reception-side.ts';
import { startSources } from './start-sources.ts';

/** Everything that runs, joined. Rooms know nothing of each other; this is the only place that knows them all. */
export type Runtime = ReadSide &
  ReceptionSide &
  AccessParts & {
    readonly config: Config;
    readonly log: Logger;
    /** Who may come in is decided in this process. */
    readonly canDecide: boolean;
    /** For errors that nobody was to expect. */
    onError(error: unknown): void;
    readonly journal: JournalView;
    readonly history: GuardedHistory;
    readonly hub: StreamHub;
    readonly connections: ConnectionStats;
    /** Everything held, by whom. */
    readonly ledger: ResourceLedger;
    /** Who follows the operations streams. */
    readonly watchers: WatchHub;
    /** Faults on purpose; undefined unless the settings allow them. */
    readonly chaos: Chaos | undefined;
    /** Samples that are not charted for lack of room for their series. */
    uncharted(): UnchartedSamples;
    /** Watches this process: samples, report, memory, diagnostics. */
    readonly monitor: Monitor;
    /** Whether events are taken, and why not. */
    readiness(): Promise<Readiness>;
    /** Prometheus text. */
    metrics(): Promise<string>;
    /** Ends the streams with a goodbye, stops the sources, flushes the journal, closes the history. Runs once. */
    close(): Promise<void>;
  };

/** After so long a shutdown gives up storing what is held. */
const HELD_GRACE_MS = 4000;

export type RuntimeOptions = {
  /** Stands between the history and its guard: faults on purpose. */
  readonly wrapHistory?: (store: HistoryStore) => HistoryStore;
};

export async function createRuntime(config: Config, options: RuntimeOptions = {}): Promise<Runtime> {
  const logStream = createLogStream();
  const log = createLogger(config.logLevel, logStream.stream);
  const ledger = new ResourceLedger(systemClock.now);
  // About the way of events itself: into the journal it would go round in a circle.
  const pathLog = log.child({ journal: false });
  const onError = (error: unknown): void => pathLog.error({ err: error }, 'unexpected error');
  const opened = await openJournal({ config, log, pathLog, ledger, ...options, onError });
  const { journal, history, faults } = opened;
  const watchers = new WatchHub(ledger);
  const { hub, connections } = openStreams({ config, journal, ledger, log, wrapSink: faults?.wrapSink, onError });
  faults?.attach(hub);
  const guarded = { config, store: history, hub, watchers, ledger, log: pathLog, isFollower: false };
  const accessParts = await openAccess(guarded);
  const retention = new RetentionLoop({ journal, limits: config.retention, now: systemClock.now, onError });
  const ingestSink = new NamedAppends({
    append: (events, name, chain) => journal.append(events, name, chain),
    receipts: (keys) => history.receipts(keys),
  });
  const reception = receptionSideOf(config, ingestSink);
  const feed = new SourceFeed({
    append: (events) => journal.append(events),
    now: systemClock.now,
    onLost: (count) =>
      log.error({ count }, `the history store was away; ${count} events of built-in sources were given up`),
  });
  const { ingestTotals, senders } = reception;
  const parts = { config, journal, hub, feed, retention, ingestTotals, senders };
  const stopSources = await startSources({ ...parts, log, logSource: logStream.source });
  const watched = { ...parts, connections, history, ledger };
  const monitor = startMonitor({ ...watched, watchers, log, onError });
  const metrics = createMetrics({ ...watched, monitor, chaos: faults?.chaos });
  log.info({ epoch: journal.epoch, headSeq: journal.headSeq, database: config.databaseUrl }, 'journal open');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log.info({ connections: hub.connections }, 'shutting down');
    faults?.chaos.close();
    await hub.drain(hub.connections > 50 ? config.drainMs : 0);
    await stopSources();
    const lost = await journal.close(HELD_GRACE_MS);
    if (lost > 0) pathLog.error({ lost }, `${lost} events were delivered but could not be stored before the end`);
    retention.stop();
    feed.close();
    monitor.close();
    hub.close();
    await accessParts.accessWatch.close();
    connections.close();
    await opened.close();
  };
  return {
    config,
    log,
    onError,
    canDecide: true,
    ...accessParts,
    journal,
    history,
    hub,
    connections,
    ledger,
    watchers,
    chaos: faults?.chaos,
    ...reception,
    uncharted: () => ({ ...journal.series.uncharted, seriesMax: config.seriesMax }),
    ...readSideOf(journal, history),
    monitor,
    readiness: () => readiness({ hub, journal, history, checkHistory: () => history.bounds() }),
    metrics,
    close: () => (closing ??= close()),
  };
}
