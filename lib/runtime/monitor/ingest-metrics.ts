import type { SenderBook } from '@/lib/ingest/sender-book.ts';
import type { ProtocolTotals } from '@/lib/wire/source-pages.ts';
import type { Labelled, MetricSet } from './metric-set.ts';

const COUNTERS = [
  ['requests_total', 'Requests, messages or lines', 'requests'],
  ['accepted_events_total', 'Events accepted', 'accepted'],
  ['rejected_events_total', 'Events rejected', 'rejected'],
  ['late_events_total', 'Events that were older than five minutes when they came', 'late'],
  ['truncated_events_total', 'Events whose text was cut at the greatest length', 'truncated'],
  ['not_kept_samples_total', 'Samples without a value and exemplars, of which nothing is kept', 'notKept'],
  ['bytes_total', 'Bytes as they came over the line', 'bytes'],
  ['limited_requests_total', 'Requests that were told to come back later', 'limited'],
  ['failed_requests_total', 'Requests that could not be stored, or not be read at all', 'failed'],
] as const satisfies readonly (readonly [string, string, keyof ProtocolTotals])[];

export type IngestMetricsContext = { readonly senders: Pick<SenderBook, 'protocols' | 'forgotten'> };

/** What the Sources page shows, for Prometheus: by protocol, of which there are few, and not by sender. */
export function addIngestMetrics(set: MetricSet, { senders }: IngestMetricsContext): void {
  const by = (measure: keyof ProtocolTotals): Labelled =>
    senders.protocols().map((totals) => [{ protocol: totals.protocol }, Number(totals[measure])] as const);
  for (const [name, help, measure] of COUNTERS) {
    set.counters(`ingest_protocol_${name}`, `${help}, by protocol.`, ['protocol'], () => by(measure));
  }
  set.gauges('ingest_protocol_senders', 'Senders of which a row is kept.', ['protocol'], () => by('senders'));
  set.counter(
    'ingest_senders_forgotten_total',
    'Senders whose row went to make room for others.',
    () => senders.forgotten,
  );
}
