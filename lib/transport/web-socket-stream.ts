import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { ClientEnd } from '@/lib/core/close-reason.ts';
import { TokenBucket } from '@/lib/core/token-bucket.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { StreamSession } from '@/lib/stream/stream-session.ts';
import type { FrameName } from '@/lib/stream/wire-format.ts';
import { payloadsOf, webSocketCloseCode, webSocketFormat } from './web-socket-format.ts';

const BUFFER_BYTES_MAX = 64 * 1024;
/** A client that goes on sending what nobody understands is not one of ours. */
const ERRORS_MAX = 16;
/** Far more than a person and a well-made client need: an acknowledgement an interval, a filter at each key. */
const MESSAGES = { perSecond: 20, burst: 100 };
/** Each opens a session, and perhaps reads the history. */
const SUBSCRIBE_COST = 5;
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
  now(): number;
  /** Handles what the client sends; what it throws is told to the client. */
  onMessage(stream: WebSocketStream, text: string): void;
  /** What is told of an error. */
  explain(error: unknown): { readonly code: string; readonly detail: string };
};

/** A stream over a WebSocket: the journal's frames out, the client's messages in. */
export class WebSocketStream {
  readonly #parts: WebSocketParts;
  readonly #sink: Sink;
  readonly #messages: TokenBucket;
  #session: StreamSession;
  #closed = false;
  #isFull = false;
  #errors = 0;

  constructor(parts: WebSocketParts, request: StreamRequest) {
    this.#parts = parts;
    const { hub, ws, socket, peer, now } = parts;
    this.#messages = new TokenBucket(MESSAGES.perSecond, MESSAGES.burst, now());
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
    this.#session = hub.open(request, webSocketFormat, this.#sink, peer);
    this.#session.resources.acquire('listener');
    socket.on('drain', this.#onDrain);
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('pong', (data) => this.#heard(data));
    // A frame that breaks the protocol: `ws` closes with the right code by itself.
    ws.on('error', () => this.#leave('protocol'));
    ws.on('close', () => this.#leave('client-left'));
    if (ws.readyState >= ws.CLOSING) this.#leave('client-left');
  }

  get session(): StreamSession {
    return this.#session;
  }

  /** Another filter or place on the same line. */
  resubscribe(request: Parameters<StreamHub['reopen']>[1]): void {
    if (this.#closed || this.#session.life.isOver || !this.#allows(SUBSCRIBE_COST)) return;
    this.#session.resources.release('listener');
    this.#session = this.#parts.hub.reopen(this.#session, request, this.#sink);
    this.#session.resources.acquire('listener');
  }

  /** A frame beside the stream: an answer to a message. */
  tell(event: string, data: unknown): void {
    if (!this.#closed) this.#parts.ws.send(JSON.stringify([{ event, data }]));
  }

  #write(bytes: Uint8Array, what: FrameName): boolean {
    const { ws, socket, isDeflated } = this.#parts;
    if (this.#closed || ws.readyState !== ws.OPEN) return false;
    if (!isDeflated) socket.write(bytes);
    else for (const payload of payloadsOf(bytes)) ws.send(payload, { binary: false }, this.#onDrain);
    // The client's own library answers: this is the acknowledgement, and it tells the round trip.
    if (what === 'heartbeat') ws.ping(String(this.#parts.now()));
    this.#isFull = ws.bufferedAmount >= BUFFER_BYTES_MAX;
    return !this.#isFull;
  }

  readonly #onDrain = (): void => {
    if (!this.#isFull || this.#parts.ws.bufferedAmount >= BUFFER_BYTES_MAX) return;
    this.#isFull = false;
    // A slow reader answers pings late, behind all that is on its way; that it takes bytes tells that it is there.
    this.#session.acknowledge({ position: '' }, undefined);
    this.#session.onReady();
  };

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return;
    if (isBinary) {
      this.#fail(CLOSE_UNSUPPORTED, 'expected text');
      return;
    }
    if (!this.#allows(1)) return;
    try {
      this.#parts.onMessage(this, String(data));
    } catch (error) {
      this.#errors += 1;
      this.tell('error', this.#parts.explain(error));
      if (this.#errors >= ERRORS_MAX) this.#fail(CLOSE_VIOLATION, 'too many messages were not understood');
    }
  }

  #allows(cost: number): boolean {
    if (this.#messages.take(cost, this.#parts.now())) return true;
    const detail = `expected at most ${MESSAGES.perSecond} messages a second, a subscription counting as ${SUBSCRIBE_COST}`;
    this.tell('error', { code: 'rate-limited', detail });
    this.#fail(CLOSE_VIOLATION, 'too many messages');
    return false;
  }

  /** The client has broken a rule: nothing more is listened to, and the place is free before the line has ended. */
  #fail(code: number, says: string): void {
    this.#parts.ws.close(code, says);
    this.#leave('protocol');
  }

  #heard(data: Buffer): void {
    const text = data.toString('latin1');
    // A pong may come unasked and with anything in it.
    const sentMs = /^\d{13}$/.test(text) ? Number(text) : undefined;
    const heartbeat = sentMs !== undefined ? { time: new Date(sentMs).toISOString(), heldMs: 0 } : undefined;
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
