'use client';

import { type Ref, useImperativeHandle, useRef } from 'react';
import type { LogRow } from '@/lib/client/state.ts';
import { type LogView, useLogState } from '@/lib/client/use-logs.ts';
import { EventRow } from './event-row.tsx';
import { formatDay, type Zone, zoneName } from './log-time.ts';
import { MarkerRow } from './marker-row.tsx';
import { OlderLines } from './older-lines.tsx';
import { ROW_PX, TOP_PX } from './row-window.ts';
import { useListScroll } from './use-list-scroll.ts';
import { useZone } from './use-zone.ts';

export type LogListHandle = { reveal(index: number): void; scrollPage(pages: number): void };

type LogListProps = {
  ref: Ref<LogListHandle>;
  view: LogView;
  search: string;
  selectedKey: string | undefined;
  onSelect: (row: LogRow) => void;
};

/** As many rows as the first paint can show, before the height of the window is known. */
const FIRST_PAINT_ROWS = 60;

/** The only part of the screen that is drawn as often as lines arrive. */
export function LogList({ ref, view, search, selectedKey, onSelect }: LogListProps) {
  const { rows, following, older } = useLogState(view, (state) => state);
  const { pause: onPause, follow: onFollow, loadOlder: onOlder } = view;
  const scroller = useRef<HTMLDivElement>(null);
  const zone = useZone();
  const onNearTop = () => older === 'idle' && onOlder();
  const scroll = useListScroll({ scroller, rows, following, onPause, onFollow, onNearTop });
  // The server does not know the height: it draws the end of the list, bottom-aligned, which is where the list will stand.
  const start = scroll.viewportPx === 0 ? Math.max(0, rows.length - FIRST_PAINT_ROWS) : scroll.start;
  const end = scroll.viewportPx === 0 ? rows.length : scroll.end;
  const firstPaint = scroll.viewportPx === 0 && rows.length > 20;

  useImperativeHandle(ref, () => ({
    reveal: scroll.reveal,
    scrollPage: (pages) => scroller.current?.scrollBy({ top: pages * (scroller.current.clientHeight - 2 * ROW_PX) }),
  }));

  return (
    <>
      <ColumnHead row={rows[scroll.first]} zone={zone} />
      <div
        ref={scroller}
        onScroll={scroll.onScroll}
        onWheel={(event) => scroll.onWheel(event.deltaY)}
        className={`peer log-scroller min-h-0 flex-1 overflow-x-hidden overflow-y-auto font-mono text-[12px] ${firstPaint ? 'flex flex-col justify-end' : ''}`}
        data-testid="log-scroller"
      >
        <OlderLines older={older} onOlder={onOlder} />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys of the list are heard on the whole page */}
        <div
          role="listbox"
          aria-label="Log lines"
          aria-activedescendant={selectedKey === undefined ? undefined : rowId(selectedKey)}
          tabIndex={0}
          className="-outline-offset-2"
          style={firstPaint ? undefined : { height: rows.length * ROW_PX, paddingTop: start * ROW_PX }}
          onClick={(event) => onRowClick(event.target, rows, onSelect)}
          // Reading needs a still page: a pressed button is the start of a selection or of a click on a line.
          onPointerDown={(event) => event.pointerType === 'mouse' && event.button === 0 && following && onPause()}
          onTouchMove={() => following && onPause()}
        >
          {rows.slice(start, end).map((row, offset) => {
            const selected = row.key === selectedKey;
            const id = rowId(row.key);
            if (row.kind === 'marker') return <MarkerRow key={row.key} {...{ row, id, selected, zone }} />;
            const day = dayIfNew(row, rows[start + offset - 1], zone);
            return <EventRow key={row.key} {...{ row, id, selected, search, zone, day }} />;
          })}
        </div>
      </div>
    </>
  );
}

function rowId(key: string): string {
  return `row-${key}`;
}

function timeOf(row: LogRow): number {
  return row.kind === 'marker' ? row.atMs : Date.parse(row.event.time);
}

function dayIfNew(row: LogRow, before: LogRow | undefined, zone: Zone): string | undefined {
  const day = formatDay(timeOf(row), zone);
  return before && formatDay(timeOf(before), zone) !== day ? day : undefined;
}

function onRowClick(target: EventTarget, rows: readonly LogRow[], onSelect: (row: LogRow) => void): void {
  // A click that ends a text selection is not a click on the line.
  if (!(target instanceof Element) || getSelection()?.isCollapsed === false) return;
  const key = target.closest('[data-key]')?.getAttribute('data-key');
  const row = rows.find((each) => each.key === key);
  if (row) onSelect(row);
}

function ColumnHead({ row, zone }: { row: LogRow | undefined; zone: Zone }) {
  const timeMs = row && timeOf(row);
  return (
    <div
      aria-hidden
      className="flex h-6 shrink-0 items-center gap-2 border-line border-b bg-sunken pr-3 font-mono text-[11px] text-ink-faint"
      style={{ minHeight: TOP_PX - 4 }}
    >
      <span className="w-[3px] shrink-0" />
      <span className="truncate font-sans">
        {timeMs === undefined ? '' : `${formatDay(timeMs, zone)} · ${zoneName(timeMs, zone)}`}
      </span>
    </div>
  );
}
