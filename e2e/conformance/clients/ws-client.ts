import { type ClientOptions, WebSocket } from 'ws';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import { FrameClient, type StreamClientOptions } from '../stream-client.ts';

type JsonFrame = { event: string; id?: string; data: { position?: string; retryMs?: number } };

/** A client of `/api/ws` on the npm package `ws`. */
export class WsClient extends FrameClient {
  readonly #settings: ClientOptions;
  #ws: WebSocket | undefined;
  closeCode: number | undefined;
  closeReason = '';

  constructor(
    url: string,
    options: StreamClientOptions = {},
    ledger = new ContinuityLedger(),
    settings: ClientOptions = { perMessageDeflate: false },
  ) {
    super(url, options, ledger);
    this.#settings = settings;
  }

  get extensions(): string {
    return this.#ws?.extensions ?? '';
  }

  protected connect(): void {
    const address = `${this.line.url.replace('http', 'ws')}/api/ws${this.options.query ?? ''}`;
    const ws = new WebSocket(address, 'tailrace.v1', { ...this.#settings, headers: this.headers });
    this.#ws = ws;
    ws.on('message', (data, isBinary) => this.#receive(String(data), isBinary));
    // A line that breaks is none of the server's faults; a frame that is wrong is.
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('WS_ERR')) this.failure ??= error;
    });
    ws.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = String(reason);
      // 1006: the connection ended without a word.
      this.finished(code !== 1006);
    });
  }

  protected disconnect(): void {
    this.#ws?.terminate();
  }

  #receive(text: string, isBinary: boolean): void {
    if (isBinary) this.failure ??= new Error('expected text, got a binary message');
    try {
      for (const frame of JSON.parse(text) as JsonFrame[]) this.#takeFrame(frame);
    } catch (error) {
      this.failure ??= error as Error;
    }
  }

  #takeFrame(frame: JsonFrame): void {
    const data = frame.data as { reason?: string; detail?: string; retryMs?: number };
    if (frame.event === 'busy') this.refusal = { says: data.reason ?? '', retryMs: data.retryMs };
    if (frame.event === 'error') this.refusal = { says: data.detail ?? '', retryMs: undefined };
    if (frame.event === 'bye') this.retryMs = data.retryMs;
    this.takeJson(frame);
  }

  send(message: unknown): void {
    this.#ws?.send(JSON.stringify(message));
  }
  subscribe(query: string): void {
    this.send({ type: 'subscribe', query });
  }
}
