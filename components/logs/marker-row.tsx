'use client';

import { CircleSlash, RefreshCw, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import type { LogRow } from '@/lib/client/state.ts';
import { formatClock, type Zone } from './log-time.ts';

export type MarkerRowData = Extract<LogRow, { kind: 'marker' }>;

const LOOKS = {
  gap: { Icon: TriangleAlert, look: 'text-bad border-bad' },
  reset: { Icon: CircleSlash, look: 'text-warn border-warn' },
  reconnected: { Icon: RefreshCw, look: 'text-good border-good' },
} as const;

const HATCHED = 'repeating-linear-gradient(135deg, transparent 0 6px, var(--line) 6px 8px)';

type MarkerRowProps = { row: MarkerRowData; id: string; selected: boolean; zone: Zone };

/** What happened to the stream, at the place in the list where it happened. */
export const MarkerRow = memo(function MarkerRow({ row, id, selected, zone }: MarkerRowProps) {
  const { Icon, look } = LOOKS[row.marker];
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-key={row.key}
      data-marker={row.marker}
      className={`log-row flex items-center gap-2 border-y font-sans text-[12px] ${look} ${selected ? 'bg-selected' : 'bg-sunken'}`}
      style={row.marker === 'gap' ? { backgroundImage: HATCHED } : undefined}
    >
      <span className="flex min-w-0 items-center gap-2 bg-sunken px-2">
        <time className="shrink-0 font-mono text-ink-faint">{formatClock(row.atMs, zone)}</time>
        <Icon size={13} aria-hidden className="shrink-0" />
        <span className="truncate font-medium">{row.text}</span>
      </span>
    </div>
  );
});
