import type { HistoryStore } from './history-port.ts';

/**
 * Two connections as one store: what writes goes to one, what reads to the other. WAL lets them work side by side, so a
 * search through millions of rows does not delay a commit.
 */
export function splitHistory(writer: HistoryStore, reader: HistoryStore): HistoryStore {
  return {
    open: () => writer.open(),
    append: (batch) => writer.append(batch),
    bounds: () => writer.bounds(),
    retain: (limits, nowMs) => writer.retain(limits, nowMs),
    read: (query) => reader.read(query),
    seqAtTime: (timeMs) => reader.seqAtTime(timeMs),
    receipts: (keys) => reader.receipts(keys),
    queryMetrics: (query) => reader.queryMetrics(query),
    close: async () => {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
