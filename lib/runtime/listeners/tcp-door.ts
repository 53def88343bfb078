import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { SenderLines } from './sender-lines.ts';

/** What is done with one connection's bytes. */
export type TcpLine = {
  /** A message has begun and is not complete. */
  readonly isMidway: boolean;
  /** Almost any text is a message to it: what a page in a browser sends must not be one. */
  readonly takesText?: boolean;
  /** Messages that were complete. */
  readonly messages: number;
  /** A returned promise holds the sender back: nothing is read until it resolves. */
  take(piece: Buffer): Promise<void> | undefined;
  /** Nothing more comes. Resolves when nothing more is to be written either. Called more than once. */
  end(): Promise<void>;
};

export type OpenTcpLine = (socket: Socket, address: string) => TcpLine;

export type TcpLimits = {
  readonly connectionsMax: number;
  readonly ofAddressMax: number;
  /** Without a byte. Senders keep a line open for when they have something, and lose what they write into one that is closed. */
  readonly idleMs: number;
  /** From a message's first byte to its last. */
  readonly messageMs: number;
};

export const TCP_LIMITS: TcpLimits = {
  connectionsMax: 1000,
  ofAddressMax: 250,
  idleMs: 60 * 60_000,
  messageMs: 60_000,
};

/** What a browser says first, at the bidding of any page that is open in it: no sender here begins like this. */
const HTTP = /^[A-Z]{3,7} \S* HTTP\/1\.[01]\r\n/;
const HTTP_BYTES_MAX = 2048;

/** The kernel asks a silent peer whether it is still there: what is dead need not wait for `idleMs`. */
const KEEP_ALIVE_MS = 60_000;
/** A sender is told of the end, and what is on its way is read, for so long. */
const GOODBYE_MS = 250;

type Connection = {
  readonly address: string;
  readonly line: TcpLine;
  readonly owner: ResourceOwner;
  lastMs: number;
  /** Since when the message under way has been, and which one it is. */
  midwayMs: number | undefined;
  messages: number;
  isHeldBack: boolean;
  hasSpoken: boolean;
};

/** A TCP port of a listener: who may connect, how many, how long; and what is read is never more than is taken. */
export class TcpDoor {
  readonly #lines: SenderLines;
  readonly #open: OpenTcpLine;
  readonly #limits: TcpLimits;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  readonly #ofAddress = new Map<string, number>();

  constructor(lines: SenderLines, open: OpenTcpLine, limits: TcpLimits = TCP_LIMITS) {
    this.#lines = lines;
    this.#open = open;
    this.#limits = limits;
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    this.#server = createServer(options, (socket) => this.#accept(socket));
    lines.onSweep((nowMs) => this.#sweep(nowMs));
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Resolves to the port. */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    // Such as EMFILE: the port stays, the connection is gone.
    this.#server.on('error', this.#lines.runtime.onError);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection; what they have sent is stored by `SenderLines.close`. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const sockets = [...this.#connections.keys()];
    // The server's own event may come before that of its last socket.
    const ends = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    const closed = Promise.all([once(this.#server, 'close'), ...ends]);
    this.#server.close();
    for (const socket of sockets) socket.end();
    if (sockets.length > 0) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([closed, late]);
      clearTimeout(timer);
    }
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined);
    const address = this.#lines.addressOf(socket.remoteAddress);
    const refusal = this.#refusal(address);
    if (refusal !== undefined) {
      if (refusal !== '') this.#lines.log.note(refusal, 1, address);
      socket.destroy();
      return;
    }
    const owner = this.#lines.runtime.ledger.owner(`${this.#lines.protocol} connection ${address}`);
    owner.acquire('listener');
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
    const line = this.#open(socket, address);
    const connection: Connection = {
      ...{ address, line, owner, lastMs: Date.now() },
      ...{ midwayMs: line.isMidway ? Date.now() : undefined, messages: 0, isHeldBack: false, hasSpoken: false },
    };
    this.#connections.set(socket, connection);
    socket.on('data', (piece) => this.#take(socket, connection, piece));
    socket.once('end', () => void line.end().finally(() => socket.end()));
    socket.once('close', () => this.#onClosed(socket, connection));
  }

  /** Why an address may not connect now; empty where that has been told; undefined: it may. */
  #refusal(address: string): string | undefined {
    if (!this.#lines.admits(address)) return '';
    const { connectionsMax, ofAddressMax } = this.#limits;
    if (this.#connections.size >= connectionsMax) return `refused: there are ${connectionsMax} connections already`;
    const held = this.#ofAddress.get(address) ?? 0;
    return held >= ofAddressMax ? `refused: this address has ${ofAddressMax} connections already` : undefined;
  }

  #take(socket: Socket, connection: Connection, piece: Buffer): void {
    const isFirst = !connection.hasSpoken && connection.line.takesText === true;
    connection.hasSpoken = true;
    if (isFirst && HTTP.test(piece.subarray(0, HTTP_BYTES_MAX).toString('latin1'))) {
      this.#lines.log.note('refused: this is HTTP, as a page in a browser would send it', 1, connection.address);
      socket.destroy();
      return;
    }
    connection.lastMs = Date.now();
    const wait = connection.line.take(piece);
    this.#noteProgress(connection);
    if (!wait) return;
    socket.pause();
    connection.isHeldBack = true;
    void wait.then(() => {
      connection.isHeldBack = false;
      connection.lastMs = Date.now();
      if (connection.midwayMs !== undefined) connection.midwayMs = connection.lastMs;
      socket.resume();
    });
  }

  #noteProgress(connection: Connection): void {
    const { isMidway, messages } = connection.line;
    if (!isMidway) connection.midwayMs = undefined;
    else if (connection.midwayMs === undefined || messages !== connection.messages) connection.midwayMs = Date.now();
    connection.messages = messages;
  }

  #sweep(nowMs: number): void {
    for (const [socket, connection] of this.#connections) {
      const { lastMs, midwayMs = nowMs, isHeldBack, address } = connection;
      if (isHeldBack) continue;
      const { idleMs, messageMs } = this.#limits;
      if (nowMs - midwayMs > messageMs) {
        this.#lines.log.note(`closed: a message was not complete after ${messageMs / 1000} s`, 1, address);
      } else if (nowMs - lastMs > idleMs) this.#lines.log.note(`closed: silent for ${idleMs / 60_000} min`, 1, address);
      else continue;
      socket.destroy();
    }
  }

  #onClosed(socket: Socket, { address, line, owner }: Connection): void {
    this.#connections.delete(socket);
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
    // Bytes that had been read while the sender was held back, when it reset the connection: they are still there.
    for (let piece = readRest(socket); piece; piece = readRest(socket)) void line.take(piece);
    const ended = line.end().finally(() => {
      owner.release('listener');
      owner.close();
    });
    this.#lines.awaitEnd(ended);
  }
}

function readRest(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}
