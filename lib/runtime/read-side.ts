import { type Level, rankOf } from '@/lib/core/level.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { HistoryStore, MetricQuery } from '@/lib/history/history-port.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { HistoryPage, MetricPage } from '@/lib/wire/pages.ts';
import { type EventsQuery, readEvents } from './read-events.ts';

/** What can be read without a stream, whoever appends to the journal. */
export type ReadSide = {
  readEvents(query: EventsQuery, signal?: AbortSignal): Promise<HistoryPage>;
  queryMetrics(query: MetricQuery, signal?: AbortSignal): Promise<MetricPage>;
  /** Position of the newest event. */
  head(): string;
  /** The services seen, sorted. With a level: those that have reached it. */
  services(level?: Level): string[];
};

export function readSideOf(journal: JournalView, history: Pick<HistoryStore, 'queryMetrics'>): ReadSide {
  return {
    readEvents: async (query, signal) => {
      await journal.refresh();
      return readEvents(journal, query, signal);
    },
    queryMetrics: async (query, signal) => {
      const { headSeq, ...page } = await history.queryMetrics(query, signal);
      return { ...page, position: formatPosition(journal.epoch, headSeq) };
    },
    head: () => formatPosition(journal.epoch, journal.headSeq),
    services: (level) => journal.services.list(level && rankOf(level)),
  };
}
