import { type Level, RANK_NONE, rankOf } from '@/lib/core/level.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { HistoryRow } from '@/lib/history/history-port.ts';

/** An event with its place. Filters read kind, rank, service and body; encoders read seq, kind and body. */
export type JournalEntry = Pick<PreparedEvent, 'kind' | 'rank' | 'service' | 'body'> & { readonly seq: number };

/** A stored event again: what filters ask is in its body too. */
export function entryOf({ seq, kind, body }: HistoryRow): JournalEntry {
  const { service, level } = JSON.parse(body) as { service: string; level?: Level };
  return { seq, kind, service, rank: level ? rankOf(level) : RANK_NONE, body };
}

/** Objects, strings and array slots around a body cost about this much in V8. */
const ENTRY_OVERHEAD_BYTES = 160;

/** What keeping an entry costs: V8 holds Latin-1 text in one byte a character; other text costs up to twice this. */
export function entryBytes(entry: { readonly body: string }): number {
  return entry.body.length + ENTRY_OVERHEAD_BYTES;
}
