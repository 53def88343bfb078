'use client';

import { useCallback, useRef } from 'react';

/**
 * Steps through the rows by focus: the focused button stays with its row when the order changes, and Enter is its own.
 * @param openId the row whose details are open; they go along
 */
export function useRowKeys(
  ids: readonly string[],
  openId: string | undefined,
  onOpen: (id: string) => void,
): (by: number) => void {
  const newest = useRef({ ids, openId, onOpen });
  newest.current = { ids, openId, onOpen };
  return useCallback((by) => {
    const { ids, openId, onOpen } = newest.current;
    const focused = document.activeElement?.closest('[data-row]')?.getAttribute('data-row') ?? openId;
    const at = focused === undefined ? -1 : ids.indexOf(focused);
    const next = ids[at === -1 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by))];
    if (next === undefined) return;
    focusRow(next);
    if (openId !== undefined && next !== openId) onOpen(next);
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
