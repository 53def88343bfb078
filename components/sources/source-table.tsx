'use client';

import { useMemo } from 'react';
import { RowTable } from '@/components/ui/row-table.tsx';
import type { SenderRow } from '@/lib/wire/source-pages.ts';
import type { RateMemory } from './rate-memory.ts';
import { SENDER_LOOK, sourceColumns } from './source-columns.tsx';
import { type SourcesAddress, sortBy } from './sources-url.ts';

type SourceTableProps = {
  rows: readonly SenderRow[];
  nowMs: number;
  address: SourcesAddress;
  rates: RateMemory;
  onOpen: (key: string) => void;
  onSort: (address: SourcesAddress) => void;
};

export function SourceTable({ rows, nowMs, address, rates, onOpen, onSort }: SourceTableProps) {
  const columns = useMemo(() => sourceColumns(rates), [rates]);
  return (
    <RowTable
      label="Sources"
      {...{ columns, rows, nowMs, onOpen }}
      look={SENDER_LOOK}
      sorting={address}
      openId={address.open}
      onSort={(sort) => onSort(sortBy(address, sort))}
    />
  );
}
