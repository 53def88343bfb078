'use client';

import { type RefObject, useEffect, useRef, useState } from 'react';
import type { LogRow } from '@/lib/client/state.ts';
import type { PlacedLog } from './log-detail.tsx';
import type { LogListHandle } from './log-list.tsx';

type SelectionOptions = {
  /** Read when a key is pressed: the rows change many times a second, and drawing need not follow here. */
  rows: () => readonly LogRow[];
  list: RefObject<LogListHandle | null>;
  /** The line a link led to: it is open from the start. */
  linked: PlacedLog | undefined;
  onPause: () => void;
};

export type Selection = {
  key: string | undefined;
  open: PlacedLog | undefined;
  select: (row: LogRow) => void;
  step: (rows: number) => void;
  openSelected: () => void;
  close: () => void;
};

/** Which line is selected and which is open. The open line is kept as it is: the list may let go of it meanwhile. */
export function useSelection({ rows, list, linked, onPause }: SelectionOptions): Selection {
  const [key, setKey] = useState(linked?.position);
  const [open, setOpen] = useState(linked);

  const openRow = (row: LogRow | undefined) => {
    if (row?.kind === 'event' && row.event.kind === 'log') setOpen(row.event);
  };
  const select = (row: LogRow) => {
    onPause();
    setKey(row.key);
    openRow(row);
  };
  const step = (by: number) => {
    const all = rows();
    const at = all.findIndex((row) => row.key === key);
    const from = at === -1 ? (by > 0 ? all.length - 2 : all.length) : at;
    const index = Math.max(0, Math.min(all.length - 1, from + by));
    const row = all[index];
    if (!row) return;
    onPause();
    setKey(row.key);
    if (open) openRow(row);
    list.current?.reveal(index);
  };
  // A link leads to one line: the list stands still for it.
  const isLinked = linked !== undefined;
  useEffect(() => {
    if (isLinked) onPause();
  }, [isLinked, onPause]);
  // The details take room from the list, and may cover the very line that was opened.
  const openPosition = open?.position;
  const rowsNow = useRef(rows);
  rowsNow.current = rows;
  useEffect(() => {
    const index = rowsNow.current().findIndex((row) => row.kind === 'event' && row.event.position === openPosition);
    if (index !== -1) list.current?.reveal(index);
  }, [list, openPosition]);

  const openSelected = () => openRow(rows().find((row) => row.key === key));
  return { key, open, select, step, openSelected, close: () => setOpen(undefined) };
}
