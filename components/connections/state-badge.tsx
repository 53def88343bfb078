import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { reasonSentence, reasonWord, STATE_COLOURS, STATE_MEANINGS, shownState } from './state-looks.ts';

/** The state as a coloured dot and its word; of a closed connection also why. */
export function StateBadge({ row }: { row: Pick<ConnectionRow, 'state' | 'activity' | 'reason'> }) {
  const shown = shownState(row);
  return (
    <span
      className="inline-flex min-w-0 items-center gap-1.5"
      title={row.reason ? reasonSentence(row.reason) : STATE_MEANINGS[shown]}
    >
      <span aria-hidden className="size-2 shrink-0 rounded-full" style={{ background: STATE_COLOURS[shown] }} />
      <span className="truncate">
        {shown}
        {row.reason && ` · ${reasonWord(row.reason)}`}
      </span>
    </span>
  );
}
