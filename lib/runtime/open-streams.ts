import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import { Admission } from '@/lib/stream/admission.ts';
import { ConnectionStats } from '@/lib/stream/connection-stats.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { Logger } from './logger.ts';
import { descriptorsMax } from './monitor/descriptors.ts';

export type StreamsContext = {
  readonly config: Config;
  readonly journal: JournalView;
  readonly ledger: ResourceLedger;
  readonly log: Logger;
  readonly wrapSink?: ((sink: Sink, onReady: () => void) => Sink) | undefined;
  onError(error: unknown): void;
};

/** Descriptors for everything that is no stream: the database, its log, listeners, ingest, pages. */
const DESCRIPTORS_RESERVED = 200;
/** Routine: worth counting, not a line in the log. */
const ROUTINE: readonly CloseReason[] = ['idle', 'age', 'draining'];

/** The way out: who may open a stream, the streams, and what is known about them. */
export function openStreams(context: StreamsContext): { hub: StreamHub; connections: ConnectionStats } {
  const { config, journal, ledger, log, wrapSink, onError } = context;
  const { heartbeatMs, retryMs, connectionRules, connectionLimits } = config;
  const connectionsMax = Math.min(connectionLimits.connectionsMax, affordableConnections());
  if (connectionsMax < connectionLimits.connectionsMax) {
    log.warn(
      { wanted: connectionLimits.connectionsMax, connectionsMax },
      `the process may open few files: at most ${connectionsMax} streams (raise it with ulimit -n)`,
    );
  }
  const admission = new Admission({ ...connectionLimits, connectionsMax, retryMs }, systemClock.now());
  const rules = { heartbeatMs, ...connectionRules };
  const hub = new StreamHub({ journal, clock: systemClock, rules, admission, ledger, wrapSink, onError });
  const connections = new ConnectionStats({
    ...{ hub, journal, resources: ledger.owner('connection statistics'), now: systemClock.now },
    onEnded: (counts) => {
      for (const [reason, count] of counts) {
        const says = `${count} ${count === 1 ? 'stream' : 'streams'} ended: ${CLOSE_REASONS[reason].says}`;
        if (ROUTINE.includes(reason)) log.debug({ reason, count }, says);
        else log.warn({ reason, count }, says);
      }
    },
  });
  return { hub, connections };
}

/** One descriptor a stream, and some for everything else. Linux tells the limit; others do not. */
function affordableConnections(): number {
  const limit = descriptorsMax();
  return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, limit - DESCRIPTORS_RESERVED);
}
