import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { kernelDrops } from './kernel-drops.ts';
import type { SenderLine } from './sender-line.ts';
import type { SenderLines } from './sender-lines.ts';

/** Asked of the kernel, which gives at most its own limit (net.core.rmem_max): a burst waits there until it is read. */
const RECEIVE_BYTES = 8 * 1024 * 1024;
/** Of one address; beyond it datagrams are given up. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;
/** Addresses at once: those of datagrams can be made up. */
const ADDRESSES_MAX = 4096;
const LINE_IDLE_MS = 60_000;
const DROPS_EVERY_SWEEPS = 5;

const NO_ROOM = 'datagrams were given up: more came than could be stored';
const IN_KERNEL = 'datagrams were dropped by the kernel: they came faster than they were read';

/** Takes one datagram of a line that has room. */
export type TakeDatagram = (line: SenderLine, datagram: Buffer, nowMs: number) => void;

/** A UDP port of a listener. Nobody can be held back here: what there is no room for is counted and told. */
export class UdpDoor {
  readonly #lines: SenderLines;
  readonly #take: TakeDatagram;
  readonly #byAddress = new Map<string, SenderLine>();
  #socket: Socket | undefined;
  #port = 0;
  #sweeps = 0;
  #kernelDrops = 0;
  #counting: Promise<void> | undefined;

  constructor(lines: SenderLines, take: TakeDatagram) {
    this.#lines = lines;
    this.#take = take;
    lines.onSweep((nowMs) => this.#sweep(nowMs));
  }

  async listen(port: number, host: string, family: 4 | 6): Promise<number> {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BYTES });
    socket.bind(port, host);
    try {
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', this.#lines.runtime.onError);
    socket.on('message', (datagram, { address }) => this.#onMessage(datagram, address));
    this.#lines.owner.acquire('listener');
    this.#socket = socket;
    this.#port = socket.address().port;
    return this.#port;
  }

  /** The line of an address, whatever has been sent by it; undefined when there are too many. */
  lineOf(address: string): SenderLine | undefined {
    const known = this.#byAddress.get(address);
    if (known || this.#byAddress.size >= ADDRESSES_MAX) return known;
    const line = this.#lines.open({ address, bytesMax: LINE_BYTES_MAX });
    this.#byAddress.set(address, line);
    return line;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    // The kernel forgets them with the socket; what waits in its buffer is read meanwhile.
    await this.#counting;
    await this.#noteKernelDrops();
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    this.#lines.owner.release('listener');
  }

  #onMessage(datagram: Buffer, peerAddress: string): void {
    const address = this.#lines.addressOf(peerAddress);
    if (!this.#lines.admits(address)) return;
    const line = this.lineOf(address);
    if (!line) {
      this.#lines.log.note(`datagrams were given up: there are ${ADDRESSES_MAX} senders already`, 1, address);
      return;
    }
    line.lastMs = Date.now();
    line.reception.onBytes(datagram.length);
    if (line.isFull) line.lose(NO_ROOM);
    else this.#take(line, datagram, line.lastMs);
  }

  #sweep(nowMs: number): void {
    for (const [address, line] of this.#byAddress) {
      if (!line.isIdle || nowMs - line.lastMs < LINE_IDLE_MS) continue;
      this.#byAddress.delete(address);
      void line.end();
    }
    this.#sweeps += 1;
    if (this.#socket && this.#sweeps % DROPS_EVERY_SWEEPS === 0) {
      this.#counting ??= this.#noteKernelDrops().finally(() => {
        this.#counting = undefined;
      });
    }
  }

  /** Whose they were the kernel does not tell. */
  async #noteKernelDrops(): Promise<void> {
    const drops = await kernelDrops(this.#port);
    const fresh = (drops ?? 0) - this.#kernelDrops;
    if (fresh <= 0) return;
    this.#kernelDrops += fresh;
    this.#lines.log.note(IN_KERNEL, fresh);
    const { senders } = this.#lines.runtime;
    senders.of({ protocol: this.#lines.protocol, address: 'unknown' }).reject(IN_KERNEL, Date.now(), fresh);
  }
}
