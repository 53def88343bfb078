'use client';

import { formatIso } from '@/components/logs/log-time.ts';
import { useZone } from '@/components/logs/use-zone.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount, formatCounted, formatDuration } from '@/components/shell/format-count.ts';
import { type FactRow, Facts } from '@/components/ui/facts.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { TRANSPORT_MEANINGS, TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { formatAge } from './connection-words.ts';
import { filterWords } from './filter-words.ts';

/** Every field of a connection, spelled out. */
export function ConnectionFacts({ row, nowMs }: { row: ConnectionRow; nowMs: number }) {
  const zone = useZone();
  const filter = filterWords(row.filter);
  const ago = (atMs: number) => {
    const age = formatAge(nowMs - atMs);
    return age === 'now' ? age : `${age} ago`;
  };
  const facts: FactRow[] = [
    ['id', row.id],
    ['address', row.address],
    ['user', plain(row.user ?? 'not asked for')],
    ['agent', plain(row.userAgent || 'not told')],
    ['transport', `${TRANSPORT_WORDS[row.transport]}: ${TRANSPORT_MEANINGS[row.transport]}`],
    ['filter', filter.length === 0 ? 'everything' : filter.join('  ')],
    ['position', row.position],
    ['lag', `${formatCounted(row.lagEvents, 'event')}, ${formatDuration(row.lagMs)}`],
    ['acknowledged', row.ackedPosition ?? 'nothing yet'],
    ...(row.ackedAtMs === undefined ? [] : [['last ack', ago(row.ackedAtMs)] as const]),
    ['ack lag', row.ackedLagEvents === undefined ? '–' : formatCounted(row.ackedLagEvents, 'event')],
    ['round trip', row.roundTripMs === undefined ? '–' : formatDuration(row.roundTripMs)],
    ['sent', `${formatCounted(row.eventsSent, 'event')}, ${formatValue(row.bytesSent, 'By')}`],
    ['queued', formatValue(row.queuedBytes, 'By')],
    ['opened', `${formatIso(row.openedMs, zone)} (${ago(row.openedMs)})`],
    ['last activity', ago(row.lastActivityMs)],
    ['came back', row.reconnects === 1 ? 'once' : `${formatCount(row.reconnects)} times`],
    ...(row.closedMs === undefined
      ? []
      : [['closed', `${formatIso(row.closedMs, zone)} (${ago(row.closedMs)})`] as const]),
  ];
  return <Facts title="Connection" facts={facts} />;
}
