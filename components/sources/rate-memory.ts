import { type SenderRow, senderKey } from '@/lib/wire/source-pages.ts';

/** A minute, one value a second. */
export const RATES_MAX = 60;

/** The last minute of each sender's rate, as this page has seen it; senders that are shown no more are forgotten. */
export class RateMemory {
  #rates = new Map<string, readonly number[]>();

  note(rows: readonly SenderRow[]): void {
    const next = new Map<string, readonly number[]>();
    for (const row of rows) {
      const key = senderKey(row);
      next.set(key, [...(this.#rates.get(key) ?? []), row.eventsPerSecond].slice(-RATES_MAX));
    }
    this.#rates = next;
  }

  of(row: SenderRow): readonly number[] {
    return this.#rates.get(senderKey(row)) ?? [];
  }
}
