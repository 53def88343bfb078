import type { ReactNode } from 'react';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { Cut } from '@/components/ui/cut.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { RowColumn } from '@/components/ui/row-table.tsx';
import { TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import type { ConnectionQuery, ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { formatAge } from './connection-words.ts';
import { FilterChips } from './filter-chips.tsx';
import { StateBadge } from './state-badge.tsx';
import { userAgentName } from './user-agent-name.ts';

export type ConnectionColumn = RowColumn<ConnectionRow, ConnectionQuery['sort']>;

const NONE = <span className="text-ink-faint">–</span>;

/** @param ownId the connection of the browser that shows them */
export function connectionColumns(ownId: string | undefined): readonly ConnectionColumn[] {
  return COLUMNS.map((column) =>
    column.name === 'Client' ? { ...column, cell: (row) => client(row, row.id === ownId) } : column,
  );
}

const COLUMNS: readonly ConnectionColumn[] = [
  { name: 'State', widthPx: 128, cell: (row) => <StateBadge row={row} /> },
  { name: 'Transport', widthPx: 92, cell: (row) => <Cut text={TRANSPORT_WORDS[row.transport]} /> },
  { name: 'Address', widthPx: 112, sort: 'address', cell: (row) => <Cut text={row.address} /> },
  { name: 'Lag', title: 'Events between its position and the head', widthPx: 76, sort: 'lag', right: true, cell: lag },
  { name: 'Lag time', title: 'How long the oldest of them waits', widthPx: 82, right: true, cell: lagTime },
  { name: 'Client', widthPx: 148, cell: (row) => client(row, false) },
  { name: 'Filter', widthPx: 160, cell: (row) => <FilterChips filter={row.filter} /> },
  { name: 'Ack lag', title: 'Events that the client has not acknowledged', widthPx: 68, right: true, cell: ackLag },
  { name: 'Round trip', widthPx: 84, sort: 'roundTrip', right: true, cell: roundTrip },
  { name: 'Events', widthPx: 80, sort: 'events', right: true, cell: (row) => formatCount(row.eventsSent) },
  { name: 'Bytes', widthPx: 76, sort: 'bytes', right: true, cell: (row) => formatValue(row.bytesSent, 'By') },
  { name: 'Queue', widthPx: 72, sort: 'queue', right: true, cell: queue },
  { name: 'Age', widthPx: 88, sort: 'age', right: true, cell: age },
  { name: 'Active', title: 'Last activity', widthPx: 72, sort: 'activity', right: true, cell: activity },
  { name: 'Returns', title: 'How often this client has come back', widthPx: 64, right: true, cell: reconnects },
  { name: 'Position', widthPx: 150, cell: (row) => <Cut text={row.position} mono /> },
];

function client(row: ConnectionRow, isOwn: boolean): ReactNode {
  const name = plain(userAgentName(row.userAgent));
  const shown = (
    <span className="block truncate" title={plain([row.user, row.userAgent].filter(Boolean).join(' · '))}>
      {row.user && <span className="font-medium">{plain(row.user)} · </span>}
      {name}
    </span>
  );
  if (!isOwn) return shown;
  return (
    <span className="flex items-center gap-1">
      <span className="shrink-0 rounded border border-accent px-1 text-[11px] leading-4 text-accent">this browser</span>
      <span className="min-w-0">{shown}</span>
    </span>
  );
}

function lag(row: ConnectionRow): ReactNode {
  if (row.state === 'closed') return NONE;
  return row.lagEvents === 0 ? <span className="text-ink-faint">0</span> : formatCount(row.lagEvents);
}

function lagTime(row: ConnectionRow): ReactNode {
  return row.state === 'closed' || row.lagMs <= 0 ? NONE : formatDuration(row.lagMs);
}

function ackLag(row: ConnectionRow, nowMs: number): ReactNode {
  if (row.ackedLagEvents === undefined) return NONE;
  const title = row.ackedAtMs === undefined ? undefined : `acknowledged ${formatAge(nowMs - row.ackedAtMs)} ago`;
  return <span title={title}>{formatCount(row.ackedLagEvents)}</span>;
}

function roundTrip(row: ConnectionRow): ReactNode {
  return row.roundTripMs === undefined ? NONE : formatDuration(row.roundTripMs);
}

function queue(row: ConnectionRow): ReactNode {
  return row.queuedBytes === 0 ? <span className="text-ink-faint">0</span> : formatValue(row.queuedBytes, 'By');
}

function age(row: ConnectionRow, nowMs: number): ReactNode {
  return formatAge((row.closedMs ?? nowMs) - row.openedMs);
}

function activity(row: ConnectionRow, nowMs: number): ReactNode {
  return formatAge(nowMs - row.lastActivityMs);
}

function reconnects(row: ConnectionRow): ReactNode {
  return row.reconnects === 0 ? <span className="text-ink-faint">0</span> : formatCount(row.reconnects);
}
