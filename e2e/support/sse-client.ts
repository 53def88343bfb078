import { connect, type Socket } from 'node:net';
import { createParser } from 'eventsource-parser';
import { ContinuityLedger, type Frame } from './continuity-ledger.ts';
import { HttpDecoder, type ResponseHead } from './http-decoder.ts';
import { until } from './wait.ts';

export type SseClientOptions = {
  /** Such as `?service=api&from=now`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Comes back with Last-Event-ID after each end, until `close`. */
  readonly reconnect?: boolean;
  /** Takes so many bytes of each connection and then resets it, wherever that is; undefined: all. */
  readonly cutAfterBytes?: (connection: number) => number | undefined;
  /** Keeps every frame in `frames`; off where there are many. */
  readonly keepFrames?: boolean;
  readonly onFrame?: (frame: Frame) => void;
};

const RECONNECT_MS = 20;

/** A client of `GET /api/stream` on a bare socket, which shares no line with the product's own client. */
export class SseClient {
  readonly ledger = new ContinuityLedger();
  readonly frames: Frame[] = [];
  readonly #url: URL;
  readonly #options: SseClientOptions;
  #socket: Socket | undefined;
  #decoder: HttpDecoder | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  head: ResponseHead | undefined;
  /** The error that a wrong byte of the server caused; a test must find none. */
  failure: Error | undefined;
  retryMs: number | undefined;
  text = '';
  bytes = 0;
  connections = 0;
  /** Connections that have ended, and those of them whose response was complete. */
  ended = 0;
  endedCleanly = 0;

  constructor(url: string, options: SseClientOptions = {}) {
    this.#url = new URL(`/api/stream${options.query ?? ''}`, url);
    this.#options = options;
    this.#connect();
  }

  #connect(): void {
    this.connections += 1;
    let left = this.#options.cutAfterBytes?.(this.connections) ?? Number.POSITIVE_INFINITY;
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    const decoder = this.#makeDecoder();
    this.#socket = socket;
    this.#decoder = decoder;
    socket.write(this.#request());
    socket.on('data', (bytes) => {
      const taken = bytes.subarray(0, Math.min(left, bytes.length));
      left -= taken.length;
      this.bytes += taken.length;
      try {
        decoder.feed(taken);
      } catch (error) {
        this.failure ??= error as Error;
        socket.destroy();
      }
      if (left <= 0) socket.resetAndDestroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#onClosed(decoder));
  }

  #makeDecoder(): HttpDecoder {
    const text = new TextDecoder('utf-8', { fatal: true });
    const parser = createParser({
      onEvent: ({ id, event = 'message', data }) => this.#take({ id, event, data }),
      onRetry: (retryMs) => {
        this.retryMs = retryMs;
      },
      onError: (error) => {
        throw error;
      },
    });
    return new HttpDecoder({
      onHead: (head) => {
        this.head = head;
      },
      onBody: (bytes) => {
        const piece = text.decode(bytes, { stream: true });
        if (this.#options.keepFrames !== false) this.text += piece;
        if (this.head?.headers.get('content-type')?.startsWith('text/event-stream')) parser.feed(piece);
      },
      onEnd: () => this.#socket?.end(),
    });
  }

  #take(frame: Frame): void {
    if (this.#options.keepFrames !== false) this.frames.push(frame);
    this.ledger.take(frame);
    this.#options.onFrame?.(frame);
  }

  #request(): string {
    const { lastEventId } = this.ledger;
    const headers = {
      Host: this.#url.host,
      Accept: 'text/event-stream',
      ...this.#options.headers,
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `GET ${this.#url.pathname}${this.#url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
  }

  #onClosed(decoder: HttpDecoder): void {
    this.ended += 1;
    if (decoder.complete) this.endedCleanly += 1;
    if (this.#closed || !this.#options.reconnect) return;
    this.#timer = setTimeout(() => this.#connect(), RECONNECT_MS);
  }

  /** Of the present connection: on the socket transport the largest frame that the server wrote at once. */
  get largestChunkBytes(): number {
    return this.#decoder?.largestChunkBytes ?? 0;
  }
  /** Stops reading: what the server writes fills the kernel's buffers, then the server's. */
  pause(): void {
    this.#socket?.pause();
  }
  resume(): void {
    this.#socket?.resume();
  }
  /** Breaks the connection the way a dying network does. */
  cut(): void {
    this.#socket?.resetAndDestroy();
  }
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  named(event: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.event === event).map((frame) => JSON.parse(frame.data));
  }

  /** Waits for a frame by its name. */
  async first(event: string): Promise<Record<string, unknown>> {
    await until(`a frame ${event}`, () => this.failure !== undefined || this.named(event).length > 0);
    if (this.failure) throw this.failure;
    return this.named(event)[0] ?? {};
  }
  /** Waits until so many events have come in all. */
  async events(count: number, timeoutMs?: number): Promise<void> {
    await until(`${count} events`, () => this.failure !== undefined || this.ledger.events >= count, timeoutMs);
    if (this.failure) throw this.failure;
  }
  /** Waits for the end of the response, as its framing says it. */
  async end(): Promise<void> {
    await until('the end of the response', () => this.#decoder?.complete === true || this.ended === this.connections);
  }
}
