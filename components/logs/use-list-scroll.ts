'use client';

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { LogRow } from '@/lib/client/state.ts';
import { firstAtEnd, firstAtScroll, indexOfKey, ROW_PX, type RowWindow, rowWindow, scrollToRow } from './row-window.ts';

type ListScrollOptions = {
  scroller: RefObject<HTMLDivElement | null>;
  rows: readonly LogRow[];
  following: boolean;
  onPause: () => void;
  onFollow: () => void;
  /** The reader is near the oldest row. */
  onNearTop: () => void;
};

type ListScroll = RowWindow & {
  /** 0 until the list has been laid out. */
  viewportPx: number;
  /** The first row in sight. */
  first: number;
  onScroll: () => void;
  onWheel: (deltaY: number) => void;
  reveal: (index: number) => void;
};

type Anchor = { readonly key: string; readonly index: number };

const NEAR_TOP_ROWS = 80;
/** Fractions of a pixel that zoomed screens leave between the offset and the end. */
const SLACK_PX = 2;

/**
 * While following, the list is pinned to its end. While not, it hangs on the key of the first row in sight: whatever
 * comes before that row or goes, the row keeps its place under the reader's eyes, and its element its selection.
 */
export function useListScroll({
  scroller,
  rows,
  following,
  onPause,
  onFollow,
  onNearTop,
}: ListScrollOptions): ListScroll {
  const viewportPx = useHeight(scroller);
  const [anchor, setAnchor] = useState<Anchor>();
  const setByUsPx = useRef(-1);
  const lastPx = useRef(0);

  // Decided while rendering: a commit with the wrong window would unmount the rows that hold the selection.
  const hanging = following || !anchor ? undefined : indexOfKey(rows, anchor.key, anchor.index);
  const first = hanging ?? firstAtEnd(viewportPx, rows.length);
  const movedRows = hanging === undefined || !anchor ? 0 : hanging - anchor.index;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || viewportPx === 0) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (movedRows !== 0) element.scrollTop += movedRows * ROW_PX;
    setByUsPx.current = element.scrollTop;
    lastPx.current = element.scrollTop;
    setAnchor((now) => nextAnchor(now, rows, following, element.scrollTop));
  }, [scroller, rows, viewportPx, following, movedRows]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const offsetPx = element.scrollTop;
    const atEnd = element.scrollHeight - element.clientHeight - offsetPx <= SLACK_PX;
    const down = offsetPx > lastPx.current;
    lastPx.current = offsetPx;
    if (Math.abs(offsetPx - setByUsPx.current) < 1) return;
    setByUsPx.current = -1;
    if (following && !atEnd) onPause();
    if (!following && atEnd && down) return onFollow();
    const index = firstAtScroll(offsetPx, rows.length);
    const row = rows[index];
    if (row && !atEnd) setAnchor((now) => (now?.key === row.key ? now : { key: row.key, index }));
    if (index < NEAR_TOP_ROWS) onNearTop();
  }, [scroller, rows, following, onPause, onFollow, onNearTop]);

  const onWheel = useCallback(
    (deltaY: number) => {
      const element = scroller.current;
      if (!element || deltaY >= 0) return;
      // Before the scroll event: at thousands of lines a second the pinning would otherwise fight the wheel.
      if (following && element.scrollHeight > element.clientHeight) onPause();
      if (element.scrollTop === 0) onNearTop();
    },
    [scroller, following, onPause, onNearTop],
  );

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      const targetPx = scrollToRow(index, element.scrollTop, element.clientHeight);
      if (targetPx !== undefined) element.scrollTop = targetPx;
    },
    [scroller],
  );

  return { ...rowWindow(first, viewportPx, rows.length), viewportPx, first, onScroll, onWheel, reveal };
}

/** Keeps the same object where nothing changed: a new one would render again. */
function nextAnchor(now: Anchor | undefined, rows: readonly LogRow[], following: boolean, offsetPx: number) {
  if (following) return undefined;
  const index = now && indexOfKey(rows, now.key, now.index);
  if (now && index !== undefined) return index === now.index ? now : { key: now.key, index };
  const first = firstAtScroll(offsetPx, rows.length);
  const row = rows[first];
  return row && { key: row.key, index: first };
}

function useHeight(element: RefObject<HTMLElement | null>): number {
  const [heightPx, setHeightPx] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    setHeightPx(element.current.clientHeight);
    const observer = new ResizeObserver(([entry]) => entry && setHeightPx(Math.round(entry.contentRect.height)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return heightPx;
}
