'use client';

import { useCallback, useRef } from 'react';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';

/**
 * Steps through the rows by focus: the focused button stays with its row when the order changes, and Enter is its own.
 * @param openId the connection whose details are open; they go along
 */
export function useRowKeys(
  rows: readonly ConnectionRow[],
  openId: string | undefined,
  onOpen: (id: string) => void,
): (by: number) => void {
  const newest = useRef({ rows, openId, onOpen });
  newest.current = { rows, openId, onOpen };
  return useCallback((by) => {
    const { rows, openId, onOpen } = newest.current;
    const focused = document.activeElement?.closest('[data-row]')?.getAttribute('data-row') ?? openId;
    const at = rows.findIndex(({ id }) => id === focused);
    const next = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    focusRow(next.id);
    if (openId !== undefined && next.id !== openId) onOpen(next.id);
  }, []);
}

function rowButton(id: string): HTMLElement | null {
  return document.querySelector(`[data-row="${CSS.escape(id)}"]`);
}

export function focusRow(id: string): void {
  rowButton(id)?.focus({ preventScroll: true });
  revealRow(id);
}

export function revealRow(id: string): void {
  // A column further right that is being read stays where it is.
  rowButton(id)?.closest('tr')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
