'use client';

import { memo } from 'react';
import { plain } from '@/components/ui/plain-text.ts';
import type { LogRow } from '@/lib/client/state.ts';
import { ColouredText } from './coloured-text.tsx';
import { Highlight } from './highlight.tsx';
import { LEVEL_TINTS, LevelLabel } from './level-label.tsx';
import { attributePreview, firstLine } from './log-line.ts';
import { formatClock, formatIso, type Zone } from './log-time.ts';
import { serviceColour } from './service-colour.ts';

export type EventRowData = Extract<LogRow, { kind: 'event' }>;

type EventRowProps = {
  row: EventRowData;
  id: string;
  selected: boolean;
  search: string;
  zone: Zone;
  /** The day, on the first line of a day. */
  day: string | undefined;
};

/** One line of the list. Memoised: a list that moves by a page re-renders only the lines that came into sight. */
export const EventRow = memo(function EventRow({ row, id, selected, search, zone, day }: EventRowProps) {
  const { event } = row;
  if (event.kind !== 'log') return null;
  const timeMs = Date.parse(event.time);
  const { runs, moreLines } = firstLine(event.message);
  const attributes = attributePreview(event.attributes);
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-key={row.key}
      className={`log-row relative flex cursor-default gap-2 pr-2 whitespace-pre ${selected ? 'bg-selected' : `hover:bg-hover ${LEVEL_TINTS[event.level]}`}`}
    >
      <span aria-hidden className="w-[3px] shrink-0" style={{ background: serviceColour(event.service) }} />
      <time dateTime={event.time} title={formatIso(timeMs, zone)} className="shrink-0 text-ink-faint">
        {formatClock(timeMs, zone)}
      </time>
      <LevelLabel level={event.level} />
      <span
        dir="auto"
        title={plain(event.service)}
        className="w-[14ch] shrink-0 truncate text-left text-ink-soft max-sm:sr-only"
      >
        {plain(event.service)}
      </span>
      {/* By its own direction a line that reads from the right is cut at its end, not at its beginning. */}
      <span dir="auto" className="min-w-0 flex-1 truncate text-left">
        <ColouredText runs={runs} search={search} />
        {moreLines > 0 && <span className="text-ink-faint"> ↵{moreLines}</span>}
        {attributes && (
          <span className="ps-3 text-ink-faint">
            <bdi>
              <Highlight text={attributes} search={search} />
            </bdi>
          </span>
        )}
      </span>
      {event.durable === false && <NotStored />}
      {day && <DayMark day={day} />}
    </div>
  );
});

/** Said on the line, since its words are true only as long as the history takes to come back. */
function NotStored() {
  return (
    <span
      title="Delivered before it was stored: the history was away. It is stored once the history is back; until then a crash could take it."
      className="h-[18px] shrink-0 self-center rounded border border-warn bg-raised px-1 font-sans text-[11px] leading-4 text-warn"
    >
      not stored yet
    </span>
  );
}

/** Drawn inside the day's first row, so that a day does not change the geometry of the list. */
export function DayMark({ day }: { day: string }) {
  return (
    <>
      <span aria-hidden className="absolute inset-x-0 top-0 border-line-strong border-t" />
      <span className="absolute top-0.5 right-1 rounded bg-ink-soft px-1.5 font-sans text-[11px] leading-[18px] text-surface">
        {day}
      </span>
    </>
  );
}
