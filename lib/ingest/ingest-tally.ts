import type { IngestAnswer } from '@/lib/wire/pages.ts';
import type { Placed } from './named-appends.ts';

const ERRORS_SPELLED_OUT_MAX = 20;

/** Counts what became of a body's events. */
export class IngestTally {
  accepted = 0;
  rejected = 0;
  readonly #errors: { line: number; error: string }[] = [];
  #firstSeq: number | undefined;
  #lastSeq: number | undefined;
  #isHeld = false;

  /** True when some of what was accepted is not stored yet. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  accept(placed: Placed): void {
    this.#isHeld ||= placed.durable === false;
    this.accepted += placed.lastSeq - placed.firstSeq + 1;
    this.#firstSeq = Math.min(this.#firstSeq ?? placed.firstSeq, placed.firstSeq);
    this.#lastSeq = Math.max(this.#lastSeq ?? placed.lastSeq, placed.lastSeq);
  }

  /** @param line counted from 1 */
  reject(line: number, error: string): void {
    this.rejected += 1;
    if (this.#errors.length < ERRORS_SPELLED_OUT_MAX) this.#errors.push({ line, error });
  }

  answer(positionOf: (seq: number) => string): IngestAnswer {
    return {
      ...(this.#isHeld && { durable: false }),
      accepted: this.accepted,
      rejected: this.rejected,
      first: this.#firstSeq === undefined ? null : positionOf(this.#firstSeq),
      last: this.#lastSeq === undefined ? null : positionOf(this.#lastSeq),
      errors: this.#errors,
    };
  }
}
