import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The network between a gRPC client and its server, since the client's library does not hand out its socket. */
export class GrpcRelay {
  readonly #server = createServer((near) => this.#relay(near));
  readonly #target: URL;
  readonly #cutAfterBytes: () => number | undefined;
  readonly #open = new Map<Socket, Socket>();
  /** From the server, of all connections. */
  bytes = 0;

  /** @param cutAfterBytes asked for each connection: after so many bytes of the server it breaks, wherever that is */
  constructor(target: URL, cutAfterBytes: () => number | undefined) {
    this.#target = target;
    this.#cutAfterBytes = cutAfterBytes;
    this.#server.listen(0, '127.0.0.1');
  }

  async port(): Promise<number> {
    if (!this.#server.listening) await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection, towards both ends, the way a dying network does. */
  cut(): void {
    for (const [near, far] of this.#open) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Carries nothing any more and closes nothing: both ends believe that they are connected. */
  freeze(): void {
    for (const [near, far] of this.#open) {
      near.unpipe(far).pause();
      far.removeAllListeners('data').pause();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #relay(near: Socket): void {
    let left = this.#cutAfterBytes() ?? Number.POSITIVE_INFINITY;
    const far = connect({ host: this.#target.hostname, port: Number(this.#target.port), noDelay: true });
    near.setNoDelay(true);
    this.#open.set(near, far);
    far.on('data', (bytes) => {
      const taken = bytes.subarray(0, Math.min(left, bytes.length));
      left -= taken.length;
      this.bytes += taken.length;
      if (!near.write(taken)) far.pause();
      if (left > 0) return;
      far.resetAndDestroy();
      near.end();
    });
    near.on('drain', () => far.resume());
    near.pipe(far);
    near.on('error', () => undefined).on('close', () => this.#forget(near));
    far.on('error', () => undefined).on('close', () => near.destroySoon());
  }

  #forget(near: Socket): void {
    this.#open.get(near)?.resetAndDestroy();
    this.#open.delete(near);
  }
}
