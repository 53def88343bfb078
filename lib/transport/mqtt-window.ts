const ID_MAX = 65_535;

/**
 * The QoS 1 messages that a client has been sent and has not acknowledged, in the order sent. Identifiers count up, so
 * that those of the unacknowledged follow from the first: a session that is resumed gives each message the one it had.
 */
export class InFlightWindow {
  readonly #max: number;
  readonly #beforeOf = new Map<number, number | undefined>();
  #nextId: number;

  constructor(max: number, firstId = 1) {
    this.#max = max;
    this.#nextId = firstId;
  }

  get size(): number {
    return this.#beforeOf.size;
  }
  /** How many more may be sent. */
  get room(): number {
    return this.#max - this.#beforeOf.size;
  }
  get isFull(): boolean {
    return this.room === 0;
  }
  /** Up to where the client has been served; undefined when everything has been acknowledged. */
  get before(): number | undefined {
    for (const before of this.#beforeOf.values()) if (before !== undefined) return before;
    return undefined;
  }
  /** Of the oldest that is not acknowledged, or of the next one. */
  get firstId(): number {
    for (const id of this.#beforeOf.keys()) return id;
    return this.#nextId;
  }

  /** A free identifier for the next message. Not to be called while it is full. */
  add(before: number | undefined): number {
    while (this.#beforeOf.has(this.#nextId)) this.#nextId = (this.#nextId % ID_MAX) + 1;
    const id = this.#nextId;
    this.#beforeOf.set(id, before);
    this.#nextId = (id % ID_MAX) + 1;
    return id;
  }

  /** Where its message stands; undefined for an identifier not in use: a repeated acknowledgement, which is no fault. */
  acknowledge(id: number): number | undefined {
    const before = this.#beforeOf.get(id);
    this.#beforeOf.delete(id);
    return before;
  }
}
