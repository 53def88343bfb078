import { connect, type Socket } from 'node:net';
import { HttpDecoder, type ResponseHead } from '../support/http-decoder.ts';
import { type ControlFrame, FrameScanner } from './frame-scanner.ts';
import type { RunCache } from './run-cache.ts';
import type { Tally } from './tally.ts';

export type Target = { readonly host: string; readonly port: number };

export type ViewerOptions = {
  readonly target: Target;
  /** Without `?`. */
  readonly query: string;
  /** Says who it is, and is refused with 503; a browser is refused with a frame. */
  readonly isFetch: boolean;
  readonly localAddress: string | undefined;
  readonly tally: Tally;
  readonly cache: RunCache | undefined;
  /** All viewers of a process read into the same memory, one after the other. */
  readonly buffer: Buffer;
  /** A slow reader takes so much a second. */
  readonly bytesPerSecond: number | undefined;
};

type State = 'new' | 'connecting' | 'open' | 'away' | 'gone';

const RETRY_MS = 2000;
const RETRY_MAX_MS = 30_000;
/** So many heartbeats without a byte, and the connection is held for dead. */
const MISSES_MAX = 3;
const CONNECT_MS_MAX = 30_000;

/** One virtual viewer: opens a stream, checks it, and comes back where it was whenever it ends. */
export class Viewer {
  readonly query: string;
  readonly scanner: FrameScanner;
  readonly #options: ViewerOptions;
  #socket: Socket | undefined;
  #state: State = 'new';
  #head: ResponseHead | undefined;
  /** When to come back, when away; else when the last byte came. */
  #atMs = 0;
  #askedMs: number | undefined;
  #failures = 0;
  #budgetBytes = 0;
  #budgetAtMs = performance.now();
  heartbeatMs = 15_000;
  /** How often the server wants acknowledgements. */
  ackMs = 15_000;
  heartbeat: { readonly time: string; readonly atMs: number } | undefined;
  connectionId: string | undefined;
  reconnects = 0;
  ackDueMs = 0;
  /** Was dropped in a storm and has not been seen live again. */
  isRecovering = false;
  onOpened: (() => void) | undefined;
  onLive: (() => void) | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.query = options.query;
    this.scanner = new FrameScanner(options.tally, options.cache, (frame) => this.#onControl(frame));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }
  get isSlow(): boolean {
    return this.#options.bytesPerSecond !== undefined;
  }

  open(nowMs: number): void {
    const { target, localAddress, tally, isFetch, buffer } = this.#options;
    const { lastEventId } = this.scanner;
    this.#state = 'connecting';
    this.#atMs = nowMs;
    this.#askedMs = undefined;
    this.#head = undefined;
    this.scanner.restart();
    tally.counts.attempts += 1;
    const decoder = this.#makeDecoder();
    const onread = {
      buffer: this.isSlow ? Buffer.allocUnsafe(2048) : buffer,
      callback: (length: number, into: Uint8Array): boolean => this.#onBytes(socket, decoder, into as Buffer, length),
    };
    const socket: Socket = connect({
      ...target,
      ...(localAddress !== undefined && { localAddress }),
      noDelay: true,
      onread,
    });
    this.#socket = socket;
    socket.write(
      `GET /api/stream${this.query === '' ? '' : '?'}${this.query} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\n` +
        `Accept: text/event-stream\r\nUser-Agent: tailrace-load\r\n${isFetch ? 'X-Tailrace-Client: load\r\n' : ''}` +
        `${lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`}\r\n`,
    );
    socket.on('error', (error) => {
      if (this.#state === 'connecting' && this.#socket === socket) tally.error('connect', error.message);
    });
    socket.on('close', () => this.#onClosed(socket));
  }

  /** Breaks the line, as a network does that fails everywhere at once. */
  drop(nowMs: number): void {
    if (this.#state !== 'open') return;
    const socket = this.#socket;
    this.isRecovering = true;
    this.#goAway(nowMs);
    socket?.resetAndDestroy();
  }

  close(): void {
    this.#state = 'gone';
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** To be called often: comes back when it is time, reads on when it may. */
  tick(nowMs: number): void {
    const { bytesPerSecond } = this.#options;
    if (bytesPerSecond !== undefined) this.#refill(bytesPerSecond, nowMs);
    if (this.#state === 'away' && nowMs >= this.#atMs) {
      this.reconnects += 1;
      this.open(nowMs);
    } else if (this.#state === 'open' && !this.isSlow) {
      if (nowMs - this.#atMs > this.heartbeatMs * MISSES_MAX)
        this.#giveUp('silent', 'three heartbeats are missing', nowMs);
    } else if (this.#state === 'connecting' && nowMs - this.#atMs > CONNECT_MS_MAX) {
      this.#giveUp('connect', 'no first frame within 30 s', nowMs);
    }
  }

  #giveUp(kind: 'silent' | 'connect', why: string, nowMs: number): void {
    this.#options.tally.error(kind, why);
    const socket = this.#socket;
    this.#goAway(nowMs);
    socket?.destroy();
  }

  #refill(bytesPerSecond: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#budgetAtMs;
    this.#budgetAtMs = nowMs;
    this.#budgetBytes = Math.min(this.#budgetBytes + (elapsedMs / 1000) * bytesPerSecond, bytesPerSecond);
    if (this.#budgetBytes > 0 && this.#socket?.isPaused()) this.#socket.resume();
  }

  #onBytes(socket: Socket, decoder: HttpDecoder, buffer: Buffer, length: number): boolean {
    if (socket !== this.#socket) return true;
    const { tally } = this.#options;
    tally.counts.bytes += length;
    this.#atMs = performance.now();
    try {
      decoder.feed(buffer.subarray(0, length));
    } catch (error) {
      tally.error('protocol', (error as Error).message);
      socket.destroy();
    }
    if (!this.isSlow) return true;
    this.#budgetBytes -= length;
    if (this.#budgetBytes <= 0) socket.pause();
    return true;
  }

  #makeDecoder(): HttpDecoder {
    return new HttpDecoder({
      onHead: (head) => this.#onHead(head),
      onBody: (bytes) => {
        if (this.#head?.status !== 200) return;
        this.scanner.take(bytes, (performance.timeOrigin + performance.now()) * 1000);
      },
      onEnd: () => this.#socket?.end(),
    });
  }

  #onHead(head: ResponseHead): void {
    this.#head = head;
    if (head.status === 200) return;
    const { tally } = this.#options;
    const retryAfterS = Number(head.headers.get('retry-after'));
    if ((head.status === 503 || head.status === 429) && retryAfterS > 0) {
      tally.counts.refused += 1;
      this.#askedMs = retryAfterS * 1000;
    } else tally.error('status', `a stream was answered with ${head.status}`);
  }

  #onControl({ event, data }: ControlFrame): void {
    const { tally } = this.#options;
    const nowMs = performance.now();
    if (event === 'stream') {
      const isReturn = this.reconnects > 0;
      this.#state = 'open';
      this.#failures = 0;
      this.connectionId = String(data['connectionId']);
      this.heartbeatMs = Number(data['heartbeatMs']);
      this.ackMs = this.heartbeatMs;
      this.ackDueMs = nowMs + Math.random() * this.heartbeatMs;
      tally.counts[isReturn ? 'resumed' : 'opened'] += 1;
      this.onOpened?.();
    } else if (event === 'live') {
      this.scanner.isLive = !this.isSlow;
      this.onLive?.();
    } else if (event === 'heartbeat') {
      this.heartbeat = { time: String(data['time']), atMs: nowMs };
      this.ackMs = Number(data['ackMs'] ?? this.heartbeatMs);
    } else if (event === 'busy') {
      tally.counts.refused += 1;
      this.#askedMs = Number(data['retryMs']);
    } else if (event === 'bye') this.#askedMs = Number(data['retryMs']);
  }

  #onClosed(socket: Socket): void {
    // Dropped, closed or given up by this side: all that is done already.
    if (socket !== this.#socket || this.#state === 'gone' || this.#state === 'away') return;
    if (this.#state === 'open' && this.#askedMs === undefined) {
      this.#options.tally.error('dropped', 'a stream ended without bye');
    }
    this.#goAway(performance.now());
  }

  /** The server chooses when all come back; only a server that does not answer is asked less and less often. */
  #goAway(nowMs: number): void {
    const backOffMs = Math.min(RETRY_MAX_MS, (this.scanner.retryMs ?? RETRY_MS) * 2 ** this.#failures);
    this.#atMs = nowMs + (this.#askedMs ?? backOffMs);
    this.#failures = Math.min(this.#failures + 1, 6);
    this.#state = 'away';
    this.#socket = undefined;
  }
}
