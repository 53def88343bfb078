import type { ResourceOwner } from '@/lib/core/ledger.ts';

/** What comes within so long shares an append: a flood of datagrams is not one commit each. */
const GATHER_MS = 5;

/** One timer for all lines of a listener that have something new. */
export class GatherBeat {
  readonly #owner: ResourceOwner;
  #due: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: ResourceOwner) {
    this.#owner = owner;
  }

  /** Calls back once, in a few ms. */
  await(call: () => void): void {
    this.#due.push(call);
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#beat(), GATHER_MS);
    this.#owner.acquire('timer');
  }

  /** Calls back now whoever waits. */
  close(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#beat();
  }

  #beat(): void {
    this.#timer = undefined;
    this.#owner.release('timer');
    const due = this.#due;
    this.#due = [];
    for (const call of due) call();
  }
}
