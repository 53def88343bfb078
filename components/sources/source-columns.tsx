import type { ReactNode } from 'react';
import { formatAge } from '@/components/connections/connection-words.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { TONE_TEXT } from '@/components/ui/badge.tsx';
import { Cut } from '@/components/ui/cut.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { RowColumn, RowLook } from '@/components/ui/row-table.tsx';
import { Sparkline } from '@/components/ui/sparkline.tsx';
import { type SenderRow, senderKey } from '@/lib/wire/source-pages.ts';
import type { SourceQuery } from '@/lib/wire/source-query.ts';
import { RATES_MAX, type RateMemory } from './rate-memory.ts';
import { ServiceLinks } from './service-links.tsx';
import { errorWord, protocolWord, senderState, skewWord } from './source-words.ts';

export type SourceColumn = RowColumn<SenderRow, SourceQuery['sort']>;

export const SENDER_LOOK: RowLook<SenderRow> = {
  what: 'sender',
  idOf: senderKey,
  nameOf: (row, nowMs) =>
    `${protocolWord(row.protocol)} from ${plain(row.address)}, ${senderState(row, nowMs).says}; details`,
};

const NONE = <span className="text-ink-faint">–</span>;
const ZERO = <span className="text-ink-faint">0</span>;

export function sourceColumns(rates: RateMemory): readonly SourceColumn[] {
  return [
    { name: 'Protocol', widthPx: 112, sort: 'protocol', cell: protocol },
    { name: 'Address', widthPx: 116, sort: 'address', isWideOnly: true, cell: (row) => <Cut text={row.address} /> },
    { name: 'Credential', title: 'Token or key that let it in', widthPx: 84, isWideOnly: true, cell: credential },
    { name: 'Services', widthPx: 140, cell: (row) => <ServiceLinks services={row.services} /> },
    { name: 'Accepted', widthPx: 84, sort: 'accepted', right: true, cell: (row) => formatCount(row.accepted) },
    { name: 'Rejected', title: REJECTED, widthPx: 76, sort: 'rejected', right: true, cell: rejected },
    {
      name: 'Late',
      title: 'Older than five minutes when they came',
      widthPx: 56,
      sort: 'late',
      right: true,
      cell: late,
    },
    { name: 'Cut', title: 'Text too long', widthPx: 52, sort: 'truncated', right: true, cell: truncated },
    {
      name: 'Clock',
      title: 'How far its clock is ahead (+) or behind',
      widthPx: 76,
      sort: 'skew',
      right: true,
      cell: skew,
    },
    { name: 'Bytes/s', widthPx: 80, sort: 'bytes', right: true, cell: bytes },
    { name: 'Events/s', title: 'With the last minute', widthPx: 118, sort: 'events', right: true, cell: rate },
    { name: 'Seen', title: 'When something last came', widthPx: 80, sort: 'last', right: true, cell: seen },
    { name: 'Last error', title: 'As the sender was told', widthPx: 288, cell: lastError },
  ];

  function rate(row: SenderRow): ReactNode {
    return (
      <span className="flex items-center justify-end gap-2">
        <Sparkline values={rates.of(row)} valuesMax={RATES_MAX} />
        <span className="min-w-10">{perSecond(row.eventsPerSecond, '')}</span>
      </span>
    );
  }
}

const REJECTED = 'Events that were refused, and requests that were told to come back later or could not be read';

function protocol(row: SenderRow, nowMs: number): ReactNode {
  const { tone, says } = senderState(row, nowMs);
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5" title={says}>
      <span aria-hidden className={`size-2 shrink-0 rounded-full bg-current ${TONE_TEXT[tone]}`} />
      <span className="truncate">{protocolWord(row.protocol)}</span>
    </span>
  );
}

function credential(row: SenderRow): ReactNode {
  return row.credential === null ? NONE : <Cut text={row.credential} />;
}

function rejected({ rejected, limited, failed }: SenderRow): ReactNode {
  const sum = rejected + limited + failed;
  if (sum === 0) return ZERO;
  const title = `${formatCount(rejected)} events refused, ${formatCount(limited)} requests told to come later, ${formatCount(failed)} failed`;
  return (
    <span className="font-medium text-bad" title={title}>
      {formatCount(sum)}
    </span>
  );
}

function late(row: SenderRow): ReactNode {
  return row.late === 0 ? ZERO : <span className="text-warn">{formatCount(row.late)}</span>;
}

function truncated(row: SenderRow): ReactNode {
  return row.truncated === 0 ? ZERO : <span className="text-warn">{formatCount(row.truncated)}</span>;
}

function skew(row: SenderRow): ReactNode {
  const word = skewWord(row.skewMs);
  return word === undefined ? NONE : <span className={word.isOff ? 'text-warn' : 'text-ink-soft'}>{word.text}</span>;
}

/** A rate that fades never is nothing: what rounds to nothing is shown as such. */
function perSecond(rate: number, unit: string): ReactNode {
  return rate < 0.05 ? ZERO : formatValue(Number(rate.toFixed(rate < 10 ? 1 : 0)), unit);
}

function bytes(row: SenderRow): ReactNode {
  return perSecond(row.bytesPerSecond, 'By');
}

function seen(row: SenderRow, nowMs: number): ReactNode {
  return formatAge(nowMs - row.lastMs);
}

function lastError({ lastError }: SenderRow, nowMs: number): ReactNode {
  if (!lastError) return NONE;
  const word = errorWord(lastError);
  return (
    <span className="flex gap-2" title={word}>
      <span className="min-w-[4.5rem] shrink-0 text-ink-faint">{formatAge(nowMs - lastError.atMs)}</span>
      <span className="min-w-0 truncate text-bad">{word}</span>
    </span>
  );
}
