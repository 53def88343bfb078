type Call = { run(): Promise<unknown>; readonly signal: AbortSignal | undefined };

/**
 * One call at a time, because a transaction belongs to its connection; writes before reads, because senders and all live
 * streams wait for a commit, and a crowd that comes back asks for many pages at once. A call that is cancelled while it
 * waits never runs.
 */
export class CallQueue {
  readonly #writes: Call[] = [];
  readonly #reads: Call[] = [];
  #running: Promise<void> | undefined;

  run<T>(kind: 'write' | 'read', work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const run = (): Promise<void> =>
        work()
          .then(resolve, reject)
          .finally(() => signal?.removeEventListener('abort', abort));
      const queue = kind === 'write' ? this.#writes : this.#reads;
      queue.push({ run, signal });
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
    for (let call = this.#next(); call; call = this.#next()) {
      if (call.signal?.aborted) continue;
      await call.run();
      // SQLite answers without giving the event loop a turn, and word that the next call is cancelled needs one.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#running = undefined;
  }

  #next(): Call | undefined {
    return this.#writes.shift() ?? this.#reads.shift();
  }
}
