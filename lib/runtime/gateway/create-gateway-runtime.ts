import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import { openAccess } from '../access/open-access.ts';
import type { Runtime } from '../create-runtime.ts';
import type { Logger } from '../logger.ts';
import type { Readiness } from '../monitor/readiness.ts';
import { startMonitor } from '../monitor/start-monitor.ts';
import { WatchHub } from '../monitor/watch-hub.ts';
import { openStreams } from '../open-streams.ts';
import { readSideOf } from '../read-side.ts';
import { receptionSideOf } from '../reception-side.ts';
import { ForwardIngest } from './forward-ingest.ts';
import { ForwardSink } from './forward-sink.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { openFollower } from './open-follower.ts';
import { OwnerWatch } from './owner-watch.ts';

/** The way out alone: streams of a journal that another process owns, and what is sent in handed on to that. */
export type GatewayRuntime = Runtime & {
  readonly forward: ForwardIngest;
};

/** Streams that have not taken their goodbye are cut; how long their sockets may take to say so. */
const CUT_MS_MAX = 1000;
const CUT_LOOK_MS = 10;

/**
 * The composition root of a gateway. Resolves when there is a journal to follow.
 * @param signal ends the wait for it; the promise then rejects with its reason
 */
export async function createGatewayRuntime(config: Config, log: Logger, signal: AbortSignal): Promise<GatewayRuntime> {
  const ledger = new ResourceLedger(systemClock.now);
  const onError = (error: unknown): void => log.error({ err: error }, 'unexpected error');
  const opened = await openFollower({ config, log, ledger, signal, onError });
  const { journal, history } = opened;
  const watchers = new WatchHub(ledger);
  const { hub, connections } = openStreams({ config, journal, ledger, log, onError });
  const accessParts = await openAccess({
    ...{ config, store: history, hub, watchers, ledger, log, isFollower: true },
  });
  const reception = receptionSideOf(config, new ForwardSink(config.upstream, journal, config.admin.token));
  const { ingestTotals } = reception;
  const forward = new ForwardIngest(config.upstream, ledger);
  const server = new OwnerWatch({ databaseUrl: config.databaseUrl, log, owner: ledger.owner('server watch') });
  const monitor = startMonitor({
    ...{ config, ledger, watchers, hub, connections, journal, history, ingestTotals, log, onError },
  });
  let closing: Promise<void> | undefined;
  journal.start({
    isWatched: () => hub.connections > 0,
    renew: async (epoch, begin) => {
      log.warn({ epoch }, 'the server began a new journal; the streams are told to come back');
      await endStreams(hub);
      await begin().finally(() => {
        if (!closing) hub.admission.isDraining = false;
      });
    },
  });
  log.info({ epoch: journal.epoch, headSeq: journal.headSeq, database: config.databaseUrl }, 'following the journal');

  const close = async (): Promise<void> => {
    log.info({ connections: hub.connections }, 'shutting down');
    await hub.drain(hub.connections > 50 ? config.drainMs : 0);
    forward.close();
    server.close();
    monitor.close();
    hub.close();
    await accessParts.accessWatch.close();
    connections.close();
    await opened.close();
  };
  return {
    ...{ config, log, onError, journal, history, hub, connections, ledger, watchers, monitor, forward },
    canDecide: false,
    ...accessParts,
    ...readSideOf(journal, history),
    chaos: undefined,
    ...reception,
    // Which series there is room for is the server's to know.
    uncharted: () => ({ samples: 0, series: 0, hasMoreSeries: false, seriesMax: config.seriesMax, worst: [] }),
    readiness: async () => readiness(hub, history.breaker.state === 'closed', server.isThere),
    metrics: createGatewayMetrics({
      ...{ hub, connections, history, ledger, monitor, journal, forward, server },
      chaos: undefined,
    }),
    close: () => (closing ??= close()),
  };
}

/** Ready is who can serve streams; that nobody appends at the moment is no reason to send clients elsewhere. */
function readiness(hub: StreamHub, answers: boolean, isThere: boolean): Readiness {
  if (hub.isDraining) return { isReady: false, says: 'shutting down' };
  if (!answers) return { isReady: false, says: 'the database does not answer' };
  if (isThere) return { isReady: true, says: 'ready' };
  return { isReady: true, says: 'degraded: no server is at work on the journal; what is stored is served' };
}

/** Goodbye to every stream, and nobody is let in until the last has gone: the same frames must not go to both. */
async function endStreams(hub: StreamHub): Promise<void> {
  await hub.drain(0);
  for (const session of [...hub.sessions.values()]) session.writer.destroy();
  const deadlineMs = performance.now() + CUT_MS_MAX;
  while (hub.connections > 0 && performance.now() < deadlineMs) await pause(CUT_LOOK_MS);
}
