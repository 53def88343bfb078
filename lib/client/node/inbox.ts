/** What is handed out, and where the stream stands after it; without an item only the cursor moves. */
export type Entry<Item> = { readonly item: Item | undefined; readonly cursor: string | undefined; bytes: number };

export const INBOX = { itemsMax: 1_000, bytesMax: 1024 * 1024 } as const;

/**
 * What has been read and is not taken yet. It never drops: when it is full it says so, and whoever reads the line stops
 * doing that until it is half empty. What comes meanwhile, because it was on its way already, is still taken in: one
 * piece of a body, or one WebSocket message.
 */
export class Inbox<Item> {
  readonly #entries: Entry<Item>[] = [];
  readonly #watchers = new Set<(isFull: boolean) => void>();
  #items = 0;
  #bytes = 0;
  #isFull = false;
  #isClosed = false;
  #wake: (() => void) | undefined;

  get isFull(): boolean {
    return this.#isFull;
  }
  /** Items that wait. */
  get length(): number {
    return this.#items;
  }

  /** Calls back at each change between full and not; returns what ends that. */
  watch(onChange: (isFull: boolean) => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  push(item: Item, cursor: string | undefined): void {
    this.#entries.push({ item, cursor, bytes: 0 });
    this.#items += 1;
    this.#measure();
    this.#rouse();
  }

  /** The stream has moved on without anything to hand out. */
  moveTo(cursor: string): void {
    const last = this.#entries.at(-1);
    if (last && last.item === undefined) this.#entries[this.#entries.length - 1] = { ...last, cursor };
    else this.#entries.push({ item: undefined, cursor, bytes: 0 });
    this.#rouse();
  }

  /** What the newest of the entries, and those before it, cost to keep: the bytes that they came in. */
  weigh(bytes: number): void {
    const last = this.#entries.at(-1);
    if (!last) return;
    last.bytes += bytes;
    this.#bytes += bytes;
    this.#measure();
  }

  /** Waits for the next entry; undefined once closed and empty. One at a time. */
  async take(): Promise<Entry<Item> | undefined> {
    for (;;) {
      const entry = this.#entries.shift();
      if (entry) {
        if (entry.item !== undefined) this.#items -= 1;
        this.#bytes -= entry.bytes;
        this.#measure();
        return entry;
      }
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Nothing more will come. What waits can still be taken. */
  end(): void {
    this.#isClosed = true;
    this.#rouse();
  }

  /** Nobody will take anything any more. */
  clear(): void {
    this.#entries.length = 0;
    this.#items = 0;
    this.#bytes = 0;
    this.#measure();
    this.end();
  }

  #measure(): void {
    const share = Math.max(this.#items / INBOX.itemsMax, this.#bytes / INBOX.bytesMax);
    const isFull = this.#isFull ? share > 0.5 : share >= 1;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    for (const watcher of [...this.#watchers]) watcher(isFull);
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** Resolves when a full inbox has room, and at once for one that has. Rejects with the signal's reason. */
export function room(inbox: Pick<Inbox<unknown>, 'isFull' | 'watch'>, signal: AbortSignal | undefined): Promise<void> {
  if (!inbox.isFull) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      unwatch();
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      leave();
      reject(signal?.reason);
    };
    const unwatch = inbox.watch((isFull) => {
      if (isFull) return;
      leave();
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
