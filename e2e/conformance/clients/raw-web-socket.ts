import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { until } from '../../support/wait.ts';

export type RawFrame = { readonly opcode: number; readonly payload: Buffer };

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type FrameParts = {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  readonly masked?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  /** What the header says, whatever the payload is. */
  readonly length?: number;
};

/** A frame as a client sends it, right or wrong (RFC 6455 §5.2). */
export function rawFrame({
  opcode,
  payload = '',
  fin = true,
  masked = true,
  reserved = 0,
  length,
}: FrameParts): Buffer {
  const body = Buffer.from(payload);
  const size = length ?? body.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (size < 126 ? size : size < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** A WebSocket on a bare socket: says what no library would, and hears what is answered. */
export class RawWebSocket {
  readonly socket: Socket;
  readonly frames: RawFrame[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  /** Head of the handshake's answer; empty until it has come. */
  head = '';
  ended = false;

  constructor(url: string, path = '/api/ws', headers: Readonly<Record<string, string>> = {}) {
    const { hostname, port, host } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (bytes) => this.#feed(bytes));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.ended = true;
    });
    const all = {
      ...{ Host: host, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      ...{ 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...headers },
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  static async open(url: string, path?: string, headers?: Readonly<Record<string, string>>): Promise<RawWebSocket> {
    const raw = new RawWebSocket(url, path, headers);
    await until('the first frames', () => raw.names().includes('live'));
    return raw;
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }
  /** Code of the close frame that has come. */
  get closeCode(): number | undefined {
    const close = this.frames.find(({ opcode }) => opcode === OPCODE.close);
    return close && close.payload.length >= 2 ? close.payload.readUInt16BE(0) : undefined;
  }

  say(parts: FrameParts): void {
    this.socket.write(rawFrame(parts));
  }
  sayJson(message: unknown): void {
    this.say({ opcode: OPCODE.text, payload: JSON.stringify(message) });
  }
  /** Frames of the stream, by the server's messages. */
  told(): { event: string; id?: string; data: Record<string, unknown> }[] {
    return this.frames.flatMap(({ opcode, payload }) => (opcode === OPCODE.text ? JSON.parse(String(payload)) : []));
  }
  names(): string[] {
    return this.told().map(({ event }) => event);
  }

  #feed(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.head === '') {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.head = this.#bytes.toString('latin1', 0, end);
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    while (this.#takeFrame());
  }

  #takeFrame(): boolean {
    const [first = 0, second = 0] = this.#bytes;
    if (this.#bytes.length < 2) return false;
    const short = second & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#bytes.length < start) return false;
    const length =
      start === 2 ? short : start === 4 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
    if (this.#bytes.length < start + length) return false;
    this.frames.push({ opcode: first & 0x0f, payload: this.#bytes.subarray(start, start + length) });
    this.#bytes = this.#bytes.subarray(start + length);
    return true;
  }
}
