import type { ResourceLedger, ResourceOwner } from '@/lib/core/ledger.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { encodeRetry } from '@/lib/wire/sse.ts';

export const WATCHERS_MAX = 50;
/** Of one who has logged in or shows a token: the others want a place too. */
const OF_ONE_MAX = 20;
const RETRY_MS = 2000;
/** Frames left out one after another until a watcher that takes nothing is let go. */
const SKIPPED_MAX = 60;

const encoder = new TextEncoder();

export type WatchRequest = {
  readonly signal: AbortSignal;
  /** Whose it is. */
  readonly principal?: Principal | undefined;
  /** Name of the frames. */
  readonly event: string;
  /** The newest state, complete in itself, as JSON. Asked only when the watcher has taken the frame before. */
  readonly frame: (isFirst: boolean) => unknown;
};

/**
 * Everybody who follows one of the operations streams. A frame at once, then one with each `tick`; one timer serves them
 * all. A watcher holds one frame at most: who is slow misses some, which costs nothing, since each is complete.
 */
export class WatchHub {
  readonly #ledger: ResourceLedger;
  readonly #watchers = new Set<Watcher>();
  #count = 0;
  #isClosed = false;

  constructor(ledger: ResourceLedger) {
    this.#ledger = ledger;
  }

  get size(): number {
    return this.#watchers.size;
  }
  get isFull(): boolean {
    return this.#isClosed || this.#watchers.size >= WATCHERS_MAX;
  }

  /** No place for this one, as there is none or as it has so many. */
  isFullFor(principal: Principal | undefined): boolean {
    if (this.isFull) return true;
    if (!principal || principal.kind === 'local' || principal.kind === 'open') return false;
    const own = [...this.#watchers].filter((watcher) => watcher.principal?.id === principal.id);
    return own.length >= OF_ONE_MAX;
  }

  open(request: WatchRequest): ReadableStream<Uint8Array> {
    this.#count += 1;
    const watcher = new Watcher(request, this.#ledger.owner(`watcher ${this.#count}`), () => {
      this.#watchers.delete(watcher);
    });
    this.#watchers.add(watcher);
    return watcher.stream();
  }

  /** A frame for everybody who is ready. Called once a second. */
  tick(): void {
    for (const watcher of this.#watchers) watcher.tick();
  }

  /** Ends the streams of those who may not be here any more. */
  endThose(isOver: (principal: Principal) => boolean): void {
    for (const watcher of [...this.#watchers]) if (watcher.principal && isOver(watcher.principal)) watcher.end();
  }

  /** Ends all streams cleanly; a browser comes back by itself. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of [...this.#watchers]) watcher.end();
  }
}

class Watcher {
  readonly #request: WatchRequest;
  readonly #owner: ResourceOwner;
  readonly #onFreed: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;
  #skipped = 0;

  constructor(request: WatchRequest, owner: ResourceOwner, onFreed: () => void) {
    this.#request = request;
    this.#owner = owner;
    this.#onFreed = onFreed;
    owner.acquire('watch');
    owner.acquire('listener');
    request.signal.addEventListener('abort', this.#free);
  }

  get principal(): Principal | undefined {
    return this.#request.principal;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        // It has left already, and its signal will not fire again.
        if (this.#request.signal.aborted) this.#free();
        else this.#send(controller, true);
      },
      cancel: this.#free,
    });
  }

  tick(): void {
    const controller = this.#controller;
    if (this.#isOver || controller === undefined) return;
    if ((controller.desiredSize ?? 0) > 0) {
      this.#skipped = 0;
      this.#send(controller, false);
      return;
    }
    this.#skipped += 1;
    if (this.#skipped < SKIPPED_MAX) return;
    this.#free();
    // Not a clean end: that would wait behind a frame nobody takes. Under this name it is not logged as an error.
    controller.error(new DOMException('the watcher has taken nothing for a minute', 'AbortError'));
  }

  end(): void {
    if (this.#isOver) return;
    this.#free();
    this.#controller?.close();
  }

  #send(controller: ReadableStreamDefaultController<Uint8Array>, isFirst: boolean): void {
    const { event, frame } = this.#request;
    const bytes = encoder.encode(`event: ${event}\ndata: ${JSON.stringify(frame(isFirst))}\n\n`);
    controller.enqueue(isFirst ? Buffer.concat([encodeRetry(RETRY_MS), bytes]) : bytes);
  }

  /** On abort the signal fires; `cancel` follows only where the framework cancels the body, and after an end neither counts. */
  readonly #free = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#request.signal.removeEventListener('abort', this.#free);
    this.#owner.release('listener');
    this.#owner.release('watch');
    this.#owner.close();
    this.#onFreed();
  };
}
