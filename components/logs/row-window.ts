import type { LogRow } from '@/lib/client/state.ts';

/** Fixed, and the same as `--row` in globals.css: geometry is arithmetic, nothing is measured. */
export const ROW_PX = 22;
/** Above the first row there is always room for one line about what is older, so that it can change without a jump. */
export const TOP_PX = 28;
/** Rows drawn beyond both edges: the compositor scrolls before the next render comes. */
export const OVERSCAN_ROWS = 12;

export type RowWindow = { readonly start: number; readonly end: number };

/** Which rows to draw when `firstIndex` is the first one in sight. */
export function rowWindow(firstIndex: number, viewportPx: number, count: number): RowWindow {
  const inSight = Math.ceil(viewportPx / ROW_PX) + 1;
  const first = Math.max(0, Math.min(firstIndex, count - 1));
  return {
    start: Math.max(0, first - OVERSCAN_ROWS),
    end: Math.min(count, first + inSight + OVERSCAN_ROWS),
  };
}

/** The first row in sight when the list stands at its end. */
export function firstAtEnd(viewportPx: number, count: number): number {
  return Math.max(0, count - Math.ceil(viewportPx / ROW_PX));
}

/** The first row in sight at a scroll offset. */
export function firstAtScroll(scrollTopPx: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((scrollTopPx - TOP_PX) / ROW_PX)));
}

/** The scroll offset that shows a row with as little movement as possible; undefined when it is in sight already. */
export function scrollToRow(index: number, scrollTopPx: number, viewportPx: number): number | undefined {
  const topPx = TOP_PX + index * ROW_PX;
  if (topPx < scrollTopPx) return topPx;
  if (topPx + ROW_PX > scrollTopPx + viewportPx) return topPx + ROW_PX - viewportPx;
  return undefined;
}

/**
 * Where a row is now. Rows come in front (older lines) or go there (the bound), so a row is near where it was or has
 * moved by a page; undefined when it is gone.
 */
export function indexOfKey(rows: readonly LogRow[], key: string, hint: number): number | undefined {
  if (rows[hint]?.key === key) return hint;
  const index = rows.findIndex((row) => row.key === key);
  return index === -1 ? undefined : index;
}
