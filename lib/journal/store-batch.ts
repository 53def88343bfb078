import type { Batch, HistoryStore } from '@/lib/history/history-port.ts';
import { StoreError } from '@/lib/history/store-error.ts';

/**
 * `unknown`: nobody can tell, since the store hangs or cannot be asked. `strange`: it is not stored, and the store ends
 * elsewhere than the journal thought.
 */
export type StoredBatch =
  | { readonly outcome: 'stored' }
  | { readonly outcome: 'not-stored' | 'unknown' | 'strange'; readonly error: unknown };

/** A failed append may have been committed all the same (the thread died after COMMIT): the head tells. */
export async function storeBatch(store: HistoryStore, batch: Batch): Promise<StoredBatch> {
  try {
    await store.append(batch);
    return { outcome: 'stored' };
  } catch (error) {
    const told = error instanceof StoreError ? error.outcome : 'failed';
    if (told === 'refused') return { outcome: 'not-stored', error };
    const headSeq = await store.bounds().then(
      (bounds) => bounds.headSeq,
      () => undefined,
    );
    if (headSeq === batch.firstSeq + batch.count - 1) return { outcome: 'stored' };
    if (headSeq === undefined) return { outcome: 'unknown', error };
    if (headSeq !== batch.firstSeq - 1) return { outcome: 'strange', error };
    // What hangs may still be committed after the head has been read.
    return { outcome: told === 'unknown' ? 'unknown' : 'not-stored', error };
  }
}
