import type { ResourceOwner } from '@/lib/core/ledger.ts';

/** A wait that can be ended early, so that no timer outlives what waits. */
export class Pause {
  readonly #owner: ResourceOwner;
  #end: (() => void) | undefined;

  constructor(owner: ResourceOwner) {
    this.#owner = owner;
  }

  async wait(ms: number): Promise<void> {
    this.#owner.acquire('timer');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#owner.release('timer');
    this.#end = undefined;
  }

  end(): void {
    this.#end?.();
  }
}
