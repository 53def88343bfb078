import { formatAge } from '@/components/connections/connection-words.ts';
import { formatCount, formatCounted, formatDuration } from '@/components/shell/format-count.ts';
import type { Tone } from '@/components/ui/badge.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { SenderError, SenderRow, SourcesPage, UnchartedSamples } from '@/lib/wire/source-pages.ts';

const PROTOCOL_WORDS: Readonly<Record<string, string>> = {
  events: 'HTTP',
  grpc: 'gRPC',
  mqtt: 'MQTT',
  otlp: 'OTLP',
  'otlp-grpc': 'OTLP gRPC',
  loki: 'Loki',
  'remote-write': 'Remote write',
  scrape: 'Scrape',
  elasticsearch: 'Elasticsearch',
  splunk: 'Splunk HEC',
  gelf: 'GELF',
  syslog: 'syslog',
  forward: 'Fluent forward',
  'built-in': 'Built-in',
  test: 'Test line',
};

/** One that is not known here is shown as it names itself. */
export function protocolWord(protocol: string): string {
  return plain(Object.hasOwn(PROTOCOL_WORDS, protocol) ? (PROTOCOL_WORDS[protocol] ?? protocol) : protocol);
}

/** Beyond it the order of events from several machines means little. */
const SKEW_WARN_MS = 5000;

/** "+1.2 s", "−45 ms": ahead or behind; undefined where nothing is known. */
export function skewWord(skewMs: number | null): { readonly text: string; readonly isOff: boolean } | undefined {
  if (skewMs === null) return undefined;
  const sign = skewMs > 0 ? '+' : skewMs < 0 ? '−' : '';
  return { text: `${sign}${formatDuration(Math.abs(skewMs))}`, isOff: Math.abs(skewMs) > SKEW_WARN_MS };
}

const BUSY_MS = 10_000;
const TROUBLED_MS = 60_000;

/** How it goes with a sender now: what it was refused a moment ago weighs more than what it has sent since. */
export function senderState(row: Pick<SenderRow, 'lastMs' | 'lastError'>, nowMs: number): { tone: Tone; says: string } {
  if (row.lastError && nowMs - row.lastError.atMs < TROUBLED_MS) {
    return { tone: 'bad', says: 'something was refused within the last minute' };
  }
  if (nowMs - row.lastMs < BUSY_MS) return { tone: 'good', says: 'heard within the last ten seconds' };
  return { tone: 'neutral', says: 'silent' };
}

/** "413 · expected at most …", as the sender was told. */
export function errorWord({ status, says }: Pick<SenderError, 'status' | 'says'>): string {
  return plain(status === undefined ? says : `${status} · ${says}`);
}

/** "now", "4 s ago". */
export function agoWord(atMs: number, nowMs: number): string {
  const age = formatAge(nowMs - atMs);
  return age === 'now' ? age : `${age} ago`;
}

/** Undefined while everything is charted. */
export function unchartedSentence(uncharted: UnchartedSamples): string | undefined {
  const { samples, series, hasMoreSeries, seriesMax } = uncharted;
  if (samples === 0) return undefined;
  const many = `${hasMoreSeries ? 'more than ' : ''}${formatCount(series)} series`;
  const were = samples === 1 ? 'was' : 'were';
  return `${formatCounted(samples, 'sample')} of ${many} ${were} not charted: the limit of ${formatCount(seriesMax)} series is reached; set TAILRACE_SERIES_MAX.`;
}

/** Why fewer rows are shown than there are senders, and how many are forgotten. */
export function shownSentence({ rows, matching, forgotten }: Pick<SourcesPage, 'rows' | 'matching' | 'forgotten'>) {
  const shown =
    matching > rows.length
      ? `The first ${formatCount(rows.length)} of ${formatCount(matching)}: sort or filter to see others.`
      : formatCounted(matching, 'source');
  return forgotten === 0 ? shown : `${shown} · ${formatCount(forgotten)} forgotten`;
}
