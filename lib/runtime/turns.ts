/** The turn of one of those that came by a line. */
export type Turn = {
  /** Resolves when all before it are done. Never rejects. */
  readonly comes: Promise<void>;
  /** It has handed on all that it holds, or will not. May be said again. */
  done(): void;
};

/**
 * Keeps the order of what comes by one line and is stored side by side: what holds much, or has to be unpacked, gives others a
 * turn meanwhile, and they would overtake it.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** To be called as it comes. Whoever takes a turn has to say `done`, also when it fails: the next one waits for it. */
  next(): Turn {
    const comes = this.#last;
    let done = (): void => undefined;
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    return { comes, done };
  }
}
