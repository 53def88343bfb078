import type { IngestAnswer } from '@/lib/wire/pages.ts';
import type { Placed } from './named-appends.ts';
import type { Sender } from './sender.ts';

const ERRORS_SPELLED_OUT_MAX = 20;

/** Counts what became of a body's events, for the answer and for the book of senders. */
export class IngestTally {
  readonly #sender: Sender;
  readonly #now: () => number;
  /** How many of the errors are spelled out. */
  errorsMax = ERRORS_SPELLED_OUT_MAX;
  accepted = 0;
  /** Of what was accepted: stored already, by an earlier request with the same. */
  repeated = 0;
  rejected = 0;
  readonly #errors: { line: number; error: string }[] = [];
  #firstSeq: number | undefined;
  #lastSeq: number | undefined;
  #isHeld = false;

  constructor(sender: Sender, now: () => number) {
    this.#sender = sender;
    this.#now = now;
  }

  /** True when some of what was accepted is not stored yet: the last of it, since all is stored in its order. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** The first `errorsMax` of what was refused, in the order of their lines, which are counted from 1. */
  get errors(): readonly { readonly line: number; readonly error: string }[] {
    return this.#errors;
  }

  accept(placed: Placed): void {
    const count = placed.lastSeq - placed.firstSeq + 1;
    this.accepted += count;
    if (placed.isRepeat) this.repeated += count;
    this.#sender.accept(placed.isRepeat ? 0 : count, this.#now());
    this.place(placed);
  }

  /** One event of what an earlier try has stored: accepted as well, but stored once. */
  repeat(): void {
    this.accepted += 1;
    this.repeated += 1;
  }

  /** Where some of what is accepted stands. */
  place(placed: Placed): void {
    if (placed.lastSeq >= (this.#lastSeq ?? 0)) this.#isHeld = placed.durable === false;
    this.#firstSeq = Math.min(this.#firstSeq ?? placed.firstSeq, placed.firstSeq);
    this.#lastSeq = Math.max(this.#lastSeq ?? placed.lastSeq, placed.lastSeq);
  }

  /**
   * @param line counted from 1
   * @param count events that this one sentence is about
   */
  reject(line: number, error: string, count = 1): void {
    this.rejected += count;
    this.#sender.reject(error, this.#now(), count);
    if (this.#errors.length < this.errorsMax) this.#errors.push({ line, error });
  }

  /** What there is nothing of to keep, and is no mistake of the sender. */
  leave(count: number): void {
    this.#sender.leave(count, this.#now());
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
