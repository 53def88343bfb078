import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { BegunBodies } from '@/lib/ingest/begun-bodies.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import { IngestQuota } from '@/lib/ingest/ingest-quota.ts';
import type { EventSink } from '@/lib/ingest/named-appends.ts';
import { MetricMemory } from '@/lib/ingest/otlp/metric-memory.ts';
import { SenderBook } from '@/lib/ingest/sender-book.ts';
import { type TrustedProxies, trustProxies } from './http/client-address.ts';
import { IngestTotals } from './ingest-totals.ts';

/** What everything that comes in meets on its way, whoever stores it in the end. */
export type ReceptionSide = {
  readonly ingestSink: EventSink;
  readonly ingestQuota: IngestQuota;
  readonly ingestTotals: IngestTotals;
  /** Bodies that were stored in part, for when they come again. */
  readonly begunBodies: BegunBodies;
  /** Bodies that must be whole, of all senders, in memory at once; what comes beyond is told to come again. */
  readonly bodyGate: ByteGate;
  /** Everybody who sends, and what became of it. */
  readonly senders: SenderBook;
  /** What OTLP's metrics need to be remembered from one request to the next. */
  readonly metricMemory: MetricMemory;
  /** Where events are taken besides the server's own port, by the name of the door; filled as they open. */
  readonly openPorts: Record<string, number>;
  readonly trustedProxies: TrustedProxies;
};

export const BODIES_BYTES_MAX = 256 * 1024 * 1024;

export function receptionSideOf(config: Config, ingestSink: EventSink): ReceptionSide {
  return {
    ingestSink,
    ingestQuota: new IngestQuota(config.ingest.perSecondMax, systemClock.now),
    ingestTotals: new IngestTotals(),
    begunBodies: new BegunBodies(systemClock.now),
    bodyGate: new ByteGate(BODIES_BYTES_MAX),
    senders: new SenderBook(systemClock.now),
    metricMemory: new MetricMemory(),
    openPorts: {},
    trustedProxies: trustProxies(config.trustedProxies),
  };
}
