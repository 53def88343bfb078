import type { HistoryStore } from '@/lib/history/history-port.ts';
import { entryOf, type JournalEntry } from './journal-entry.ts';

const EVENTS_MAX = 5000;
const BYTES_MAX = 16 * 1024 * 1024;

/** After a restart the crowd that comes back asks for the newest events: they are read once, not once a client. */
export async function readNewest(store: HistoryStore, headSeq: number, bytesMax: number): Promise<JournalEntry[]> {
  const { rows } = await store.read({
    filter: {},
    direction: 'backward',
    from: headSeq + 1,
    limit: EVENTS_MAX,
    bytesMax: Math.min(bytesMax, BYTES_MAX),
  });
  return rows.reverse().map(entryOf);
}
