import type { ClientTransport } from '@/lib/core/client-transport.ts';

/** Attempts with one transport before the next one is tried: a server that restarts fails them all alike. */
const ATTEMPTS_EACH = 3;

/** Which transport the next attempt takes. One that has worked is tried first again. */
export class TransportOrder {
  #names: readonly ClientTransport[];
  /** Attempts that failed since a stream was last open. */
  failures = 0;

  /** @param names in the order to be tried, at least one */
  constructor(names: readonly ClientTransport[]) {
    this.#names = names;
  }

  get name(): ClientTransport {
    const turn = Math.floor(this.failures / ATTEMPTS_EACH) % this.#names.length;
    return this.#names[turn] ?? 'sse';
  }

  fix(name: ClientTransport): void {
    this.#names = [name];
    this.failures = 0;
  }

  proven(): void {
    const { name } = this;
    this.#names = [name, ...this.#names.filter((other) => other !== name)];
    this.failures = 0;
  }

  failed(): void {
    this.failures += 1;
  }
}
