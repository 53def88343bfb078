import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { Batch, Receipt, SeriesRow } from '@/lib/history/history-port.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { SeriesRegistry } from './series-registry.ts';

/** Turns events into one commit's batch and the entries that become visible once it is durable. */
export class BatchBuilder {
  readonly #series: SeriesRegistry;
  readonly #firstSeq: number;
  readonly #rows: string[] = [];
  readonly #bodies: string[] = [];
  #bodyBytes = 0;
  readonly #samples: number[] = [];
  readonly #created: SeriesRow[] = [];
  readonly #receipts: Receipt[] = [];
  readonly entries: JournalEntry[] = [];

  constructor(firstSeq: number, series: SeriesRegistry) {
    this.#firstSeq = firstSeq;
    this.#series = series;
  }

  add(events: readonly PreparedEvent[]): void {
    for (const { kind, timeMs, rank, service, body, sample } of events) {
      const seq = this.#firstSeq + this.entries.length;
      const resolved = sample && this.#series.resolve(service, sample);
      if (resolved?.created) this.#created.push(resolved.created);
      if (sample && resolved) this.#samples.push(resolved.id, timeMs, sample.value);
      const kindCode = kind === 'log' ? 0 : 1;
      const bytes = Buffer.byteLength(body);
      this.#rows.push(
        `[${seq},${timeMs},${kindCode},${rank},${JSON.stringify(service)},${resolved?.id ?? null},${sample?.value ?? null},${this.#bodyBytes + 1},${bytes}]`,
      );
      this.#bodies.push(body);
      this.#bodyBytes += bytes;
      this.entries.push({ seq, kind, rank, service, body });
    }
  }

  addReceipt(receipt: Receipt): void {
    this.#receipts.push(receipt);
  }

  build(receivedMs: number): Batch {
    return {
      firstSeq: this.#firstSeq,
      count: this.entries.length,
      receivedMs,
      rowsJson: `[${this.#rows.join(',')}]`,
      bodies: Buffer.from(this.#bodies.join('')),
      series: this.#created,
      samples: Float64Array.from(this.#samples),
      receipts: this.#receipts,
    };
  }
}
