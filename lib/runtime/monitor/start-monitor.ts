import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { ConnectionStats } from '@/lib/stream/connection-stats.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { IngestTotals } from '../ingest-totals.ts';
import { descriptorsMax } from './descriptors.ts';
import { Monitor } from './monitor.ts';
import type { WatchedHistory, WatchedJournal } from './server-parts.ts';
import type { ReportContext } from './system-report.ts';
import type { ServerReadings } from './system-sampler.ts';
import type { WatchHub } from './watch-hub.ts';

export type MonitorContext = {
  readonly config: Config;
  readonly ledger: ResourceLedger;
  readonly watchers: WatchHub;
  readonly hub: StreamHub;
  readonly connections: Pick<ConnectionStats, 'lagMs'>;
  readonly journal: WatchedJournal;
  readonly history: WatchedHistory;
  readonly ingestTotals: IngestTotals;
  readonly log: { warn(message: string): void };
  onError(error: unknown): void;
};

/** Joins the monitor with what it watches, and with what it may ask to make do with less memory. */
export function startMonitor(context: MonitorContext): Monitor {
  const { config, ledger, watchers, hub, journal, log, onError } = context;
  return new Monitor({
    ...{ ledger, watchers, log, onError },
    now: systemClock.now,
    memorySoftBytes: config.memorySoftBytes,
    readings: readingsOf(context),
    report: reportOf(context),
    shed: {
      refuseNew: (on) => {
        hub.admission.isShedding = on;
      },
      shortenRings: (on) => journal.shortenRing(on),
      lengthenFrames: (on) => hub.lengthenFrames(on),
    },
  });
}

function readingsOf({ hub, connections, history, journal, ingestTotals }: MonitorContext): ServerReadings {
  return {
    connections: () => hub.connections,
    deliveryLag: () => connections.lagMs,
    historyCall: () => {
      const { p95Ms = Number.NaN, p99Ms = Number.NaN } = history.quantiles() ?? {};
      return { p95: p95Ms, p99: p99Ms };
    },
    // A line that breaks or a client that sends nonsense is no error of this server, and neither is a limit.
    attempts: () => ({
      tried: ingestTotals.requests + history.counts.calls + hub.opened,
      failed: ingestTotals.failed + history.counts.failures + (hub.closedByReason.get('internal') ?? 0),
    }),
    // Of all sources, as they are given out: what is sent in is only a part of them.
    acceptedEvents: () => journal.headSeq,
    deliveredEvents: () => hub.delivered.events,
    heldEvents: () => journal.held.events,
  };
}

function reportOf({ config, ledger, history, journal }: MonitorContext): ReportContext {
  return {
    startedMs: systemClock.now(),
    version: versionOf(config.homeDir),
    descriptorsMax: descriptorsMax(),
    enabled: { chaos: config.admin.chaos, diagnostics: config.admin.diagnostics },
    ledger,
    slowCalls: () => history.slowCalls(),
    breakers: () => [history.breaker.report()],
    held: () => journal.held,
  };
}

/** A platform may leave the package's own file out of what it deploys. */
function versionOf(homeDir: string): string {
  try {
    const text = readFileSync(join(homeDir, 'package.json'), 'utf8');
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    return 'unknown';
  }
}
