import type { Notice } from './stream-batch.ts';

/** One loss of the stream, from where it broke to where it is live again. */
export class LossRecord {
  #loss: { atMs: number; lost: number } | undefined;
  #downMs: number | undefined;

  /** @param lost the continuity's count so far. A second loss before the stream is live belongs to the first. */
  begin(atMs: number, lost: number): void {
    this.#loss ??= { atMs, lost };
  }

  forget(): void {
    this.#loss = undefined;
    this.#downMs = undefined;
  }

  /** A stream is open: returns true when it is one that was lost. */
  opened(atMs: number): boolean {
    this.#downMs = this.#loss && atMs - this.#loss.atMs;
    return this.#loss !== undefined;
  }

  caughtUp(atMs: number, lost: number): Notice {
    const down = this.#downMs === undefined ? {} : { downMs: this.#downMs };
    const notice: Notice = { kind: 'caught-up', atMs, lost: lost - (this.#loss?.lost ?? lost), ...down };
    this.forget();
    return notice;
  }
}
