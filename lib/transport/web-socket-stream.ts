import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { ClientEnd } from '@/lib/core/close-reason.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { StreamSession } from '@/lib/stream/stream-session.ts';
import { type FrameName, jsonArrayFormat } from '@/lib/stream/wire-format.ts';
import { webSocketCloseCode, webSocketFormat } from './web-socket-format.ts';

const BUFFER_BYTES_MAX = 64 * 1024;
/** A client that goes on sending what nobody understands is not one of ours. */
const ERRORS_MAX = 16;
const CLOSE_VIOLATION = 1008;
const CLOSE_UNSUPPORTED = 1003;

export type WebSocketParts = {
  readonly hub: StreamHub;
  readonly ws: WebSocket;
  /** What `ws` writes to. */
  readonly socket: Socket;
  readonly peer: Peer;
  /** Compression was agreed on: each connection then has to encode its own messages. */
  readonly isDeflated: boolean;
  /** Handles what the client sends; what it throws is told to the client. */
  onMessage(stream: WebSocketStream, text: string): void;
  /** What is told of an error. */
  explain(error: unknown): { readonly code: string; readonly detail: string };
};

/** A stream over a WebSocket: the journal's frames out, the client's messages in. */
export class WebSocketStream {
  readonly #parts: WebSocketParts;
  readonly #sink: Sink;
  #session: StreamSession;
  /** Where the session was asked to begin: it may not have found out yet where that is. */
  #start: StreamRequest['start'];
  #closed = false;
  #isFull = false;
  #errors = 0;
  #protocolError = false;

  constructor(parts: WebSocketParts, request: StreamRequest) {
    this.#parts = parts;
    this.#start = request.start;
    const { hub, ws, socket, peer, isDeflated } = parts;
    this.#sink = {
      write: (bytes, what) => this.#write(bytes, what),
      end: () => {
        const { reason } = this.#session.life;
        ws.close(webSocketCloseCode(reason), reason);
      },
      destroy: () => ws.terminate(),
      get queuedBytes() {
        return ws.bufferedAmount;
      },
    };
    this.#session = hub.open(request, isDeflated ? jsonArrayFormat : webSocketFormat, this.#sink, peer);
    this.#session.resources.acquire('listener');
    socket.on('drain', this.#onDrain);
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('pong', (data) => this.#heard(data));
    // A frame that breaks the protocol: `ws` closes with the right code by itself.
    ws.on('error', () => {
      this.#protocolError = true;
    });
    ws.on('close', () => this.#leave(this.#protocolError ? 'protocol' : 'client-left'));
    if (ws.readyState >= ws.CLOSING) this.#leave('client-left');
  }

  get session(): StreamSession {
    return this.#session;
  }

  /** Another filter or place on the same line. */
  resubscribe(request: Parameters<StreamHub['reopen']>[1]): void {
    const { life } = this.#session;
    if (this.#closed || life.isOver) return;
    const start = request.start ?? (life.activity === undefined ? this.#start : undefined);
    this.#start = start ?? this.#start;
    this.#session.resources.release('listener');
    this.#session = this.#parts.hub.reopen(this.#session, { ...request, start }, this.#sink);
    this.#session.resources.acquire('listener');
  }

  /** A frame beside the stream: an answer to a message. */
  tell(event: string, data: unknown): void {
    if (!this.#closed) this.#parts.ws.send(JSON.stringify([{ event, data }]));
  }

  #write(bytes: Uint8Array, what: FrameName): boolean {
    const { ws, socket, isDeflated } = this.#parts;
    if (this.#closed || ws.readyState !== ws.OPEN) return false;
    if (isDeflated) ws.send(bytes, { binary: false }, this.#onDrain);
    else socket.write(bytes);
    // The client's own library answers: this is the acknowledgement, and it tells the round trip.
    if (what === 'heartbeat') ws.ping(String(Date.now()));
    this.#isFull = ws.bufferedAmount >= BUFFER_BYTES_MAX;
    return !this.#isFull;
  }

  readonly #onDrain = (): void => {
    if (!this.#isFull || this.#parts.ws.bufferedAmount >= BUFFER_BYTES_MAX) return;
    this.#isFull = false;
    this.#session.onReady();
  };

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return;
    if (isBinary) {
      this.#parts.ws.close(CLOSE_UNSUPPORTED, 'expected text');
      return;
    }
    try {
      this.#parts.onMessage(this, String(data));
    } catch (error) {
      this.#errors += 1;
      this.tell('error', this.#parts.explain(error));
      if (this.#errors >= ERRORS_MAX) this.#parts.ws.close(CLOSE_VIOLATION, 'too many messages were not understood');
    }
  }

  #heard(data: Buffer): void {
    const sentMs = Number(data.toString('latin1'));
    const heartbeat = sentMs > 0 ? { time: new Date(sentMs).toISOString(), heldMs: 0 } : undefined;
    if (!this.#closed) this.#session.acknowledge({ position: '', ...(heartbeat && { heartbeat }) }, undefined);
  }

  #leave(reason: ClientEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.socket.off('drain', this.#onDrain);
    this.#session.resources.release('listener');
    this.#session.onClose(reason);
  }
}
