import { BATCH_BYTES_MAX, type Batch, composeBatch } from './batch.ts';
import type { BatchPoster, Delivery } from './batch-poster.ts';
import type { ByteSource } from './byte-source.ts';
import type { ByteWindow } from './byte-window.ts';
import type { LineOrigin } from './event-lines.ts';
import type { LineFormat } from './line-format.ts';

/** How far a source has been sent. */
export type Place = {
  /** Everything before it has been stored by the server, or refused. */
  readonly offset: number;
  /** Ends of the batches that may be under way: after a crash exactly these are sent again, under the same names. */
  readonly cuts: readonly number[];
};

export type SenderOptions = {
  readonly source: ByteSource;
  readonly place: Place;
  /** Names the source, for ever: a key must never stand for other bytes. */
  readonly name: () => string;
  readonly format: LineFormat;
  readonly origin: LineOrigin;
  readonly poster: Pick<BatchPoster, 'deliver'>;
  /** Resolves when the place will be found after a crash. */
  readonly save: (place: Place) => Promise<void>;
  readonly onDelivered: (batch: Batch, delivery: Delivery) => void;
};

export type End = {
  /** Nobody will add to a group of lines that is open at the end. */
  readonly closesGroups: boolean;
  /** Nobody will finish a line that has no line end. */
  readonly takesRest: boolean;
};

/** Where a group or a line may still go on. */
export const OPEN_END: End = { closesGroups: false, takesRest: false };
/** Where the writer has been silent for long enough. */
export const QUIET_END: End = { closesGroups: true, takesRest: false };
/** Where nothing can follow. */
export const FINAL_END: End = { closesGroups: true, takesRest: true };

/**
 * Sends a source batch after batch, one under way while the next is read. The order is always: note where the batch ends,
 * send it, note that it has been stored. So a crash at any moment loses nothing, and what it repeats is recognised.
 */
export class StreamSender {
  readonly #options: SenderOptions;
  #place: Place;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#place = options.place;
  }

  get offset(): number {
    return this.#place.offset;
  }

  /** Moves past bytes that are gone. */
  async skipTo(offset: number): Promise<void> {
    await this.#note({ offset, cuts: [] });
  }

  /**
   * Sends what is there. Resolves to whether the end was reached: after `batchesMax` others may have their turn.
   * @param window of the turn, to be had by one sender at a time
   */
  async run(window: ByteWindow, end: End, batchesMax = Number.POSITIVE_INFINITY): Promise<boolean> {
    const first = await this.#read(window, this.#place.offset, this.#place.cuts, end);
    if (!first) return true;
    await this.#note({ offset: first.from, cuts: [...new Set([first.to, ...this.#place.cuts])] });
    let batch: Batch | undefined = first;
    let isCut = false;
    for (let sent = 1; batch; sent += 1) {
      isCut = sent === batchesMax;
      batch = await this.#sendAndRead(batch, window, isCut ? undefined : end);
    }
    await this.#note(this.#place);
    return !isCut;
  }

  /** Sends a batch, and reads the next one meanwhile; of that it gives none where `end` is undefined. */
  async #sendAndRead(batch: Batch, window: ByteWindow, end: End | undefined): Promise<Batch | undefined> {
    const { poster, name, onDelivered } = this.#options;
    const underWay = poster.deliver(`${name()}-${batch.from}-${batch.to}-${batch.digest}`, batch.events);
    const ahead = end && this.#readAhead(window, batch.to, end);
    const [delivery, next] = await Promise.all([underWay, ahead]);
    onDelivered(batch, delivery);
    this.#place = { offset: batch.to, cuts: this.#place.cuts.filter((cut) => cut > batch.to) };
    return next;
  }

  /** The batch after the one that is under way; where it ends is noted before it can be sent. */
  async #readAhead(window: ByteWindow, from: number, end: End): Promise<Batch | undefined> {
    const cuts = this.#place.cuts.filter((cut) => cut > from);
    const batch = await this.#read(window, from, cuts, end);
    if (batch && cuts[0] !== batch.to) await this.#note({ ...this.#place, cuts: [from, batch.to] });
    return batch;
  }

  async #read(window: ByteWindow, from: number, cuts: readonly number[], end: End): Promise<Batch | undefined> {
    const { source, format, origin } = this.#options;
    window.seek(from);
    const [cut] = cuts;
    const isMore = await window.fill(source, cut === undefined ? BATCH_BYTES_MAX : cut - from);
    const rules = { format, origin, nowMs: Date.now() };
    if (cut !== undefined && isMore) {
      return composeBatch(window.view.subarray(0, cut - from), from, { ...rules, ...FINAL_END });
    }
    return composeBatch(window.view, from, { ...rules, ...(isMore ? OPEN_END : end) });
  }

  async #note(place: Place): Promise<void> {
    await this.#options.save(place);
    this.#place = place;
  }
}
