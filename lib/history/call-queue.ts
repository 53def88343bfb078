type Call = () => Promise<unknown>;

/**
 * One call at a time, because a transaction belongs to its connection; writes before reads, because senders and all live
 * streams wait for a commit, and a crowd that comes back asks for many pages at once.
 */
export class CallQueue {
  readonly #writes: Call[] = [];
  readonly #reads: Call[] = [];
  #running: Promise<void> | undefined;

  run<T>(kind: 'write' | 'read', work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const queue = kind === 'write' ? this.#writes : this.#reads;
      queue.push(() => work().then(resolve, reject));
      this.#running ??= this.#drain();
    });
  }

  /** Waits until nothing is left. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    // The first call begins in a later microtask, when #running is set.
    await Promise.resolve();
    for (let call = this.#next(); call; call = this.#next()) await call();
    this.#running = undefined;
  }

  #next(): Call | undefined {
    return this.#writes.shift() ?? this.#reads.shift();
  }
}
