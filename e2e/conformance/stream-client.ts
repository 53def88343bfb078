import type { ContinuityLedger, Frame } from '../support/continuity-ledger.ts';
import type { ResponseHead } from '../support/http-decoder.ts';
import { SseClient, type SseClientOptions } from '../support/sse-client.ts';
import { until } from '../support/wait.ts';
import { Line } from './clients/line.ts';

export type StreamClientOptions = SseClientOptions;

/** A request that was not granted, as its protocol told. */
export type Refusal = {
  readonly says: string;
  /** When to ask again; undefined where it would be of no use. */
  readonly retryMs: number | undefined;
};

/** A client of any transport, as the table of cases sees it. Data of frames are JSON text. */
export interface StreamClient {
  readonly ledger: ContinuityLedger;
  readonly frames: readonly Frame[];
  /** The error that a wrong byte of the server caused; a test must find none. */
  readonly failure: Error | undefined;
  readonly refusal: Refusal | undefined;
  /** Delay to come back after, where the protocol has such a field. */
  readonly retryMs: number | undefined;
  readonly connections: number;
  /** Connections that have ended, and those of them that ended as their protocol ends. */
  readonly ended: number;
  readonly endedCleanly: number;
  /** Of the last response, over HTTP. */
  readonly head?: ResponseHead | undefined;
  /** The body as it came, of an event stream. */
  readonly text?: string;
  named(event: string): Record<string, unknown>[];
  first(event: string): Promise<Record<string, unknown>>;
  events(count: number, timeoutMs?: number): Promise<void>;
  /** Waits for the end of the present connection. */
  end(): Promise<void>;
  /** Stops reading. */
  pause(): void;
  resume(): void;
  /** Breaks the connection the way a dying network does. */
  cut(): void;
  close(): void;
  /** Asks for another query on the line it has. */
  subscribe?(query: string): void;
}

const RECONNECT_MS = 20;

/** What clients of all transports have in common: they are given a line that can be cut and paused, and take frames. */
export abstract class FrameClient implements StreamClient {
  readonly #ledger: ContinuityLedger;
  readonly frames: Frame[] = [];
  protected readonly options: StreamClientOptions;
  protected readonly line: Line;
  #timer: NodeJS.Timeout | undefined;
  protected closed = false;
  /** The last frame was the server's goodbye. */
  protected isDismissed = false;
  failure: Error | undefined;
  refusal: Refusal | undefined;
  retryMs: number | undefined;
  connections = 0;
  ended = 0;
  endedCleanly = 0;

  /** @param ledger goes on in another client's place when it is that client's */
  constructor(url: string, options: StreamClientOptions, ledger: ContinuityLedger) {
    this.options = options;
    this.#ledger = ledger;
    this.line = new Line(url, options.cutAfterBytes);
    void this.line.ready.then(() => this.#connect());
  }

  get ledger(): ContinuityLedger {
    return this.#ledger;
  }

  /** Opens one connection over `line.url`, to be followed by `finished`. */
  protected abstract connect(): void;
  protected abstract disconnect(): void;

  /** Where to go on: as a browser, from the last id rather than from what was asked for at first. */
  protected get headers(): Record<string, string> {
    const { lastEventId } = this.ledger;
    return { ...this.options.headers, ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }) };
  }

  protected take(frame: Frame): void {
    this.isDismissed = frame.event === 'bye';
    try {
      if (this.options.keepFrames !== false) this.frames.push(frame);
      this.ledger.take(frame);
      this.options.onFrame?.(frame);
    } catch (error) {
      this.failure ??= error as Error;
    }
  }

  /** A frame of `application/x-ndjson` or of a message: an event's id is its position. */
  protected takeJson({ event, id, data }: { event: string; id?: string; data: { position?: string } }): void {
    const isEvent = event === 'log' || event === 'metric';
    this.take({ event, id: isEvent ? data.position : id, data: JSON.stringify(data) });
  }

  /** The present connection is over. */
  protected finished(isClean: boolean): void {
    this.ended += 1;
    if (isClean) this.endedCleanly += 1;
    if (this.closed || !this.options.reconnect) return;
    this.#timer = setTimeout(() => this.#connect(), RECONNECT_MS);
  }

  #connect(): void {
    if (this.closed) return;
    this.connections += 1;
    this.connect();
  }

  pause(): void {
    this.line.pause();
  }
  resume(): void {
    this.line.resume();
  }
  cut(): void {
    this.line.cut();
  }
  close(): void {
    this.closed = true;
    clearTimeout(this.#timer);
    this.disconnect();
    this.line.close();
  }

  named(event: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.event === event).map((frame) => JSON.parse(frame.data));
  }
  async first(event: string): Promise<Record<string, unknown>> {
    await until(`a frame ${event}`, () => this.failure !== undefined || this.named(event).length > 0);
    if (this.failure) throw this.failure;
    return this.named(event)[0] ?? {};
  }
  async events(count: number, timeoutMs?: number): Promise<void> {
    await until(`${count} events`, () => this.failure !== undefined || this.ledger.events >= count, timeoutMs);
    if (this.failure) throw this.failure;
  }
  async end(): Promise<void> {
    await until('the end of the connection', () => this.connections > 0 && this.ended === this.connections);
  }
}

/** A status and a problem, as every HTTP transport refuses; undefined while the problem has not come whole. */
export function refusalOf({ status, headers }: ResponseHead, body: string): Refusal | undefined {
  if (status < 400) return undefined;
  const retryAfter = headers.get('retry-after');
  try {
    const { detail } = JSON.parse(body) as { detail: string };
    return { says: detail, retryMs: retryAfter === undefined ? undefined : Number(retryAfter) * 1000 };
  } catch {
    return undefined;
  }
}

/** The bare socket's client of `GET /api/stream`. */
export class SseStreamClient extends SseClient implements StreamClient {
  get refusal(): Refusal | undefined {
    const busy = this.frames.length > 0 ? this.named('busy')[0] : undefined;
    if (busy) return { says: String(busy['reason']), retryMs: Number(busy['retryMs']) };
    return this.head && refusalOf(this.head, this.text);
  }
}
