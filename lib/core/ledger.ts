/** Everything that can be held; a new kind is a new line here. */
export const RESOURCE_KINDS = [
  'connection',
  'listener',
  'timer',
  'group-member',
  'wheel-slot',
  'history-read',
  'watch',
  'worker',
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

export type Leak = {
  readonly owner: string;
  readonly kind: ResourceKind;
  readonly count: number;
  readonly atMs: number;
};

const INDEX: Readonly<Record<ResourceKind, number>> = Object.fromEntries(
  RESOURCE_KINDS.map((kind, index) => [kind, index]),
) as Record<ResourceKind, number>;
const LEAKS_KEPT_MAX = 50;

/**
 * Who holds what. Everything acquired is registered with its owner; what an owner still holds when it is closed has
 * leaked, until it is released after all. Counting costs one byte a kind and owner, and no closure.
 */
export class ResourceLedger {
  readonly #now: () => number;
  readonly #held = new Float64Array(RESOURCE_KINDS.length);
  #leaked = 0;
  /** Newest last. */
  readonly leaks: Leak[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  owner(name: string): ResourceOwner {
    return new ResourceOwner(name, this);
  }

  /** What is held now, of one kind. */
  held(kind: ResourceKind): number {
    return this.#held[INDEX[kind]] ?? 0;
  }
  get heldTotal(): number {
    return this.#held.reduce((sum, count) => sum + count, 0);
  }
  /** The kinds of which something is held, with how many. */
  get heldByKind(): Partial<Record<ResourceKind, number>> {
    return Object.fromEntries(
      RESOURCE_KINDS.filter((kind) => this.held(kind) > 0).map((kind) => [kind, this.held(kind)]),
    );
  }
  /** Held by owners that are closed: zero, or a defect. */
  get leaked(): number {
    return this.#leaked;
  }

  /** Only for ResourceOwner. */
  note(kind: ResourceKind, change: 1 | -1, isLate: boolean): void {
    this.#held[INDEX[kind]] = this.held(kind) + change;
    if (isLate) this.#leaked += change;
  }

  /** Only for ResourceOwner. */
  leak(owner: string, kind: ResourceKind, count: number): void {
    this.#leaked += count;
    this.leaks.push({ owner, kind, count, atMs: this.#now() });
    if (this.leaks.length > LEAKS_KEPT_MAX) this.leaks.shift();
  }
}

/** One that acquires and releases: a connection, a request, the runtime itself. */
export class ResourceOwner {
  readonly name: string;
  readonly #ledger: ResourceLedger;
  readonly #counts = new Uint8Array(RESOURCE_KINDS.length);
  #closed = false;

  constructor(name: string, ledger: ResourceLedger) {
    this.name = name;
    this.#ledger = ledger;
  }

  acquire(kind: ResourceKind): void {
    const count = this.count(kind);
    if (count === 255) throw new Error(`${this.name} holds 255 of ${kind} already`);
    this.#counts[INDEX[kind]] = count + 1;
    this.#ledger.note(kind, 1, this.#closed);
  }

  /** Throws when there is nothing to release: whoever releases twice will one day release another's. */
  release(kind: ResourceKind): void {
    const count = this.count(kind);
    if (count === 0) throw new Error(`${this.name} holds no ${kind} to release`);
    this.#counts[INDEX[kind]] = count - 1;
    this.#ledger.note(kind, -1, this.#closed);
  }

  count(kind: ResourceKind): number {
    return this.#counts[INDEX[kind]] ?? 0;
  }

  /** From here on whatever it holds counts as leaked. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const kind of RESOURCE_KINDS) {
      const count = this.count(kind);
      if (count > 0) this.#ledger.leak(this.name, kind, count);
    }
  }
}
