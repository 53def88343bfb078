/** What a watch uses of the browser. */
export type WatchEnvironment = {
  readonly openEventSource: (url: string) => EventSource;
  readonly fetch: typeof fetch;
};

export type WatchOptions = {
  readonly url: string;
  readonly event: string;
  /** @param isFirst it does not follow the frame before it: whatever adds up over frames begins anew */
  readonly onFrame: (data: unknown, isFirst: boolean) => void;
  readonly onLost: () => void;
};

const AGAIN_MS = 3000;
/** The server answers with a frame at once: what has not come by then is being held back. */
const HELD_MS = 5000;
/** One answer after the other costs more than a stream, and brings all samples each time. */
const POLL_MS = 3000;

/**
 * Follows one of the server's operations streams. EventSource reconnects by itself except after an error status; then this
 * asks again. Behind a proxy that holds streams back it asks for one frame after the other.
 */
export class WatchLine {
  readonly #options: WatchOptions;
  readonly #environment: WatchEnvironment;
  #source: EventSource | undefined;
  #request: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WatchOptions, environment: WatchEnvironment) {
    this.#options = options;
    this.#environment = environment;
  }

  open(): void {
    const { url, event, onFrame, onLost } = this.#options;
    let isFirst = true;
    const source = this.#environment.openEventSource(url);
    this.#source = source;
    this.#after(HELD_MS, () => {
      source.close();
      this.#poll();
    });
    source.addEventListener(event, (message: MessageEvent<string>) => {
      clearTimeout(this.#timer);
      onFrame(JSON.parse(message.data), isFirst);
      isFirst = false;
    });
    source.onerror = () => {
      isFirst = true;
      onLost();
      // A server that is away is no proxy that holds back.
      clearTimeout(this.#timer);
      if (source.readyState === EVENT_SOURCE_CLOSED) this.#after(AGAIN_MS, () => this.#askAgain());
    };
  }

  /** An EventSource does not tell why: whoever is not let in is not let in by asking again, until somebody logs in. */
  #askAgain(): void {
    const request = new AbortController();
    this.#request = request;
    const { fetch } = this.#environment;
    fetch(this.#options.url, { method: 'HEAD', cache: 'no-store', signal: request.signal }).then(
      ({ status }) => {
        if (!request.signal.aborted && status !== 401) this.open();
      },
      () => {
        if (!request.signal.aborted) this.open();
      },
    );
  }

  shut(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#request?.abort();
    this.#source = this.#request = undefined;
  }

  #poll(): void {
    const { url, onFrame, onLost } = this.#options;
    const request = new AbortController();
    this.#request = request;
    const ask = async (): Promise<void> => {
      const response = await this.#environment.fetch(`${url}${url.includes('?') ? '&' : '?'}once=1`, {
        headers: { Accept: 'application/json' },
        cache: 'no-store',
        signal: request.signal,
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      onFrame(await response.json(), true);
      this.#after(POLL_MS, () => this.#poll());
    };
    ask().catch(() => {
      if (request.signal.aborted) return;
      onLost();
      this.#after(AGAIN_MS, () => this.open());
    });
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

/** `EventSource.CLOSED`, which Node does not know. */
const EVENT_SOURCE_CLOSED = 2;
