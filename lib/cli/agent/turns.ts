import { ByteWindow } from './byte-window.ts';

/** Hands out windows, a few for however many files: that bounds memory, and the requests that are under way. */
export class Turns {
  readonly #free: ByteWindow[];
  readonly #waiting: ((window: ByteWindow) => void)[] = [];

  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => new ByteWindow());
  }

  /** In the order of asking. */
  async take<T>(use: (window: ByteWindow) => Promise<T>): Promise<T> {
    const window = this.#free.pop() ?? (await new Promise<ByteWindow>((resolve) => this.#waiting.push(resolve)));
    window.clear();
    try {
      return await use(window);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(window);
      else this.#free.push(window);
    }
  }
}
