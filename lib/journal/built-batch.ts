import type { Batch } from '@/lib/history/history-port.ts';
import type { Placement, Waiting } from './append-queue.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { SeriesRegistry } from './series-registry.ts';

/** The appends of one commit, numbered. */
export type BuiltBatch = {
  readonly batch: Batch;
  readonly entries: readonly JournalEntry[];
  readonly bytes: number;
  /** Answers the senders. */
  resolve(durable: boolean): void;
};

export function buildBatch(
  group: readonly Waiting[],
  headSeq: number,
  series: SeriesRegistry,
  receivedMs: number,
): BuiltBatch {
  const builder = new BatchBuilder(headSeq + 1, series);
  const placements = group.map((waiting) => place(builder, headSeq, waiting));
  const resolve = (durable: boolean): void => {
    for (const [index, waiting] of group.entries()) {
      const placement = placements[index] as Placement;
      waiting.release();
      waiting.resolve(durable ? placement : { ...placement, durable: false });
    }
  };
  const bytes = group.reduce((sum, waiting) => sum + waiting.bytes, 0);
  return { batch: builder.build(receivedMs), entries: builder.entries, bytes, resolve };
}

function place(builder: BatchBuilder, headSeq: number, { events, name }: Waiting): Placement {
  const firstSeq = headSeq + 1 + builder.entries.length;
  builder.add(events);
  const placement = { firstSeq, lastSeq: firstSeq + events.length - 1 };
  if (name) builder.addReceipt({ ...name, ...placement });
  return placement;
}
