'use client';

import { useMemo } from 'react';
import { type RowLook, RowTable } from '@/components/ui/row-table.tsx';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { connectionColumns } from './connection-columns.tsx';
import { type ConnectionsAddress, sortBy } from './connections-url.ts';

type ConnectionTableProps = {
  rows: readonly ConnectionRow[];
  nowMs: number;
  address: ConnectionsAddress;
  ownId: string | undefined;
  onOpen: (id: string) => void;
  onSort: (address: ConnectionsAddress) => void;
};

const LOOK: RowLook<ConnectionRow> = {
  what: 'connection',
  idOf: ({ id }) => id,
  nameOf: ({ state, activity, address }) => `${state} ${activity ?? ''} connection from ${address}, details`,
  isFaded: ({ state }) => state === 'closed',
};

export function ConnectionTable({ rows, nowMs, address, ownId, onOpen, onSort }: ConnectionTableProps) {
  const columns = useMemo(() => connectionColumns(ownId), [ownId]);
  return (
    <RowTable
      label="Connections"
      {...{ columns, rows, nowMs, onOpen }}
      look={LOOK}
      sorting={address}
      openId={address.id}
      markedId={ownId}
      onSort={(sort) => onSort(sortBy(address, sort))}
    />
  );
}
