import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRow } from '@/lib/client/state.ts';
import { firstAtEnd, firstAtScroll, indexOfKey, ROW_PX, rowWindow, scrollToRow, TOP_PX } from './row-window.ts';

const marker = (key: string): LogRow => ({ kind: 'marker', key, atMs: 0, marker: 'gap', text: '' });

describe('rowWindow', () => {
  test('covers the viewport at every offset of every list, and never leaves the list', () => {
    const counts = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 0, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, viewportPx, at) => {
          const scrollTopPx = at * Math.max(0, TOP_PX + count * ROW_PX - viewportPx);
          const { start, end } = rowWindow(firstAtScroll(scrollTopPx, count), viewportPx, count);
          const coversTop = start === 0 || TOP_PX + start * ROW_PX <= scrollTopPx;
          const coversBottom = end === count || TOP_PX + end * ROW_PX >= scrollTopPx + viewportPx;
          return start >= 0 && end <= count && coversTop && coversBottom;
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });

  test('at the end of the list the last row is drawn', () => {
    expect(rowWindow(firstAtEnd(600, 5000), 600, 5000).end).toBe(5000);
  });

  test('an empty list has an empty window', () => {
    expect(rowWindow(0, 600, 0)).toEqual({ start: 0, end: 0 });
  });
});

describe('scrollToRow', () => {
  test('does not move for a row in sight, and moves just enough for one outside', () => {
    expect(scrollToRow(5, TOP_PX, 20 * ROW_PX)).toBeUndefined();
    expect(scrollToRow(2, TOP_PX + 10 * ROW_PX, 20 * ROW_PX)).toBe(TOP_PX + 2 * ROW_PX);
    expect(scrollToRow(30, TOP_PX, 20 * ROW_PX)).toBe(TOP_PX + 11 * ROW_PX);
  });
});

describe('indexOfKey', () => {
  test('finds a row that moved because older ones came before it', () => {
    expect(indexOfKey(['x', 'y', 'a', 'b'].map(marker), 'a', 0)).toBe(2);
  });

  test('says so when the row is gone', () => {
    expect(indexOfKey(['x', 'y'].map(marker), 'a', 0)).toBeUndefined();
  });
});
