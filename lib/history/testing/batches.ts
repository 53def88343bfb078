import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { HistoryStore, Receipt, SeriesRow } from '../history-port.ts';

/** Appends to a store the way the journal does, without one. */
export class Appender {
  readonly #store: HistoryStore;
  readonly #ids = new Map<string, number>();
  headSeq = 0;

  constructor(store: HistoryStore) {
    this.#store = store;
  }

  async append(events: readonly PreparedEvent[], receivedMs: number, receipts: readonly Receipt[] = []): Promise<void> {
    const firstSeq = this.headSeq + 1;
    const series: SeriesRow[] = [];
    const samples: number[] = [];
    let start = 1;
    const rows = events.map(({ kind, timeMs, rank, service, body, sample }, index) => {
      let id: number | null = null;
      if (sample) {
        const { value, ...named } = sample;
        const key = JSON.stringify([service, sample.name, sample.labels]);
        id = this.#ids.get(key) ?? this.#ids.size + 1;
        if (!this.#ids.has(key)) series.push({ id, service, ...named });
        this.#ids.set(key, id);
        samples.push(id, timeMs, value);
      }
      const fields = [firstSeq + index, timeMs, kind === 'log' ? 0 : 1, rank, service, id, sample?.value ?? null];
      const length = Buffer.byteLength(body);
      start += length;
      return JSON.stringify([...fields, start - length, length]);
    });
    const rowsJson = `[${rows.join(',')}]`;
    const count = events.length;
    await this.#store.append({
      firstSeq,
      count,
      receivedMs,
      rowsJson,
      bodies: Buffer.from(events.map(({ body }) => body).join('')),
      series,
      samples: Float64Array.from(samples),
      receipts,
    });
    this.headSeq += count;
  }
}
