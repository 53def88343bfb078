'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo } from 'react';
import { ScrollRegion } from '@/components/ui/scroll-region.tsx';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { CONNECTION_COLUMNS, type ConnectionColumn } from './connection-columns.tsx';
import { type ConnectionsAddress, sortBy } from './connections-url.ts';

type ConnectionTableProps = {
  rows: readonly ConnectionRow[];
  nowMs: number;
  address: ConnectionsAddress;
  ownId: string | undefined;
  onOpen: (id: string) => void;
  onSort: (address: ConnectionsAddress) => void;
};

const WIDTH_PX = CONNECTION_COLUMNS.reduce((sum, { widthPx }) => sum + widthPx, 0);

/** One row a connection, in the server's order, which changes at most once a second. */
export function ConnectionTable({ rows, nowMs, address, ownId, onOpen, onSort }: ConnectionTableProps) {
  return (
    <ScrollRegion
      label="Connections, scrollable"
      className="min-h-80 flex-1 overflow-auto border-line border-t -outline-offset-2 max-md:min-h-40 max-md:flex-none"
    >
      <table className="w-full table-fixed border-separate border-spacing-0 text-[12px]" style={{ minWidth: WIDTH_PX }}>
        <colgroup>
          {CONNECTION_COLUMNS.map(({ name, widthPx }) => (
            <col key={name} style={{ width: widthPx }} />
          ))}
        </colgroup>
        <thead className="sticky top-0 z-10 bg-sunken">
          <tr>
            {CONNECTION_COLUMNS.map((column) => (
              <Heading key={column.name} {...{ column, address, onSort }} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              nowMs={nowMs}
              isOpen={row.id === address.id}
              isOwn={row.id === ownId}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type HeadingProps = {
  column: ConnectionColumn;
  address: ConnectionsAddress;
  onSort: (address: ConnectionsAddress) => void;
};

function Heading({ column, address, onSort }: HeadingProps) {
  const { name, title, sort, right } = column;
  const sorted = sort !== undefined && address.sort === sort;
  const Arrow = address.order === 'asc' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      title={title}
      aria-sort={sorted ? (address.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={`h-7 border-line border-b px-2 font-medium whitespace-nowrap text-ink-soft first:pl-3 ${right ? 'text-right' : 'text-left'}`}
    >
      {sort === undefined ? (
        name
      ) : (
        <button
          type="button"
          className={`inline-flex items-center gap-0.5 rounded align-middle hover:text-ink ${right ? 'flex-row-reverse' : ''} ${sorted ? 'text-ink' : ''}`}
          onClick={() => onSort(sortBy(address, sort))}
        >
          {name}
          <Arrow size={11} aria-hidden className={sorted ? 'text-accent' : 'opacity-0'} />
        </button>
      )}
    </th>
  );
}

type RowProps = {
  row: ConnectionRow;
  nowMs: number;
  isOpen: boolean;
  isOwn: boolean;
  onOpen: (id: string) => void;
};

const CELL = 'h-7 overflow-hidden border-line border-b px-2 whitespace-nowrap first:pl-3';

/** The state is the row's button: keys and screen readers go by it, a pointer may hit the row anywhere. */
const Row = memo(function Row({ row, nowMs, isOpen, isOwn, onOpen }: RowProps) {
  const faded = row.state === 'closed' ? 'text-ink-faint' : '';
  return (
    <tr
      data-connection={row.id}
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onOpen(row.id)}
      className={`cursor-default ${faded} ${isOpen ? 'bg-selected' : 'focus-within:bg-hover hover:bg-hover'}`}
    >
      {CONNECTION_COLUMNS.map(({ name, right, cell }, index) => (
        <td
          key={name}
          className={`${CELL} ${right ? 'text-right' : ''} ${isOwn ? 'first:shadow-[inset_3px_0_0_var(--accent)]' : ''}`}
        >
          {index === 0 ? (
            <button
              type="button"
              data-row={row.id}
              aria-label={`${row.state} ${row.activity ?? ''} connection from ${row.address}, details`}
              className="flex h-6 w-full items-center rounded text-left -outline-offset-1"
            >
              {cell(row, nowMs)}
            </button>
          ) : name === 'Client' && isOwn ? (
            <OwnClient>{cell(row, nowMs)}</OwnClient>
          ) : (
            cell(row, nowMs)
          )}
        </td>
      ))}
    </tr>
  );
});

function OwnClient({ children }: { children: React.ReactNode }) {
  return (
    <span className="flex items-center gap-1">
      <span className="shrink-0 rounded border border-accent px-1 text-[11px] leading-4 text-accent">this browser</span>
      <span className="min-w-0">{children}</span>
    </span>
  );
}
