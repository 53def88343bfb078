import type { Logger } from '../logger.ts';

const REASONS_MAX = 50;

/** Tells the log what was lost or refused, each reason once a while with how often: a flood must not flood the log too. */
export class DoorLog {
  readonly #log: Logger;
  readonly #protocol: string;
  readonly #counts = new Map<string, { count: number; address: string | undefined }>();

  constructor(log: Logger, protocol: string) {
    this.#log = log;
    this.#protocol = protocol;
  }

  /** @param address the last one is told */
  note(says: string, count = 1, address?: string): void {
    const known = this.#counts.get(says);
    if (known) {
      known.count += count;
      known.address = address;
    } else if (this.#counts.size < REASONS_MAX) this.#counts.set(says, { count, address });
  }

  flush(): void {
    for (const [says, { count, address }] of this.#counts) {
      this.#log.warn({ protocol: this.#protocol, count, address, journal: false }, says);
    }
    this.#counts.clear();
  }
}
