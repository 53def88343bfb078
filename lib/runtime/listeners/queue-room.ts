/** The memory that all lines of one listener share for what waits to be stored. */
export class QueueRoom {
  readonly #bytesMax: number;
  readonly #looks = new Set<() => boolean>();
  #held = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get held(): number {
    return this.#held;
  }
  get isFull(): boolean {
    return this.#held >= this.#bytesMax;
  }

  take(bytes: number): void {
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
    for (const look of this.#looks) if (look()) this.#looks.delete(look);
  }

  /** Resolves when `holds` is true; it is asked whenever something has become free. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#looks.add(() => {
        if (!holds()) return false;
        resolve();
        return true;
      });
    });
  }
}
