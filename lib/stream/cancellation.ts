/**
 * A node in the tree of what can be cancelled: the hub at the root, a connection in each branch, and on its signal every
 * read and wait of that connection. The AbortSignal is made when it is first asked for, and only then is the parent told
 * of this child: most connections never wait for anything that it could end.
 */
export class Cancellation {
  readonly #parent: Cancellation | undefined;
  #children: Set<Cancellation> | undefined;
  #controller: AbortController | undefined;
  #isCancelled = false;

  constructor(parent?: Cancellation) {
    this.#parent = parent;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.isCancelled) this.#controller.abort();
      else this.#parent?.adopt(this);
    }
    return this.#controller.signal;
  }

  get isCancelled(): boolean {
    return this.#isCancelled || this.#parent?.isCancelled === true;
  }

  /** Children that have something to end. */
  get size(): number {
    return this.#children?.size ?? 0;
  }

  /** Called by a child that has something to end. */
  adopt(child: Cancellation): void {
    this.#children ??= new Set();
    this.#children.add(child);
    this.#parent?.adopt(this);
  }

  disown(child: Cancellation): void {
    this.#children?.delete(child);
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#controller?.abort();
    for (const child of [...(this.#children ?? [])]) child.cancel();
    this.#parent?.disown(this);
  }
}
