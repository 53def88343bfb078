import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * The line between a client and the server, as a relay of bytes: whatever library is at its end, it can be cut after any
 * byte, and can stop being read.
 */
export class Line {
  readonly #server = createServer({ allowHalfOpen: false }, (socket) => this.#relay(socket));
  readonly #target: URL;
  readonly #cutAfterBytes: ((connection: number) => number | undefined) | undefined;
  readonly #pairs = new Set<{ near: Socket; far: Socket }>();
  /** Resolves when `url` is known. */
  readonly ready: Promise<void>;
  #paused = false;
  connections = 0;
  url = '';

  constructor(target: string, cutAfterBytes?: (connection: number) => number | undefined) {
    this.#target = new URL(target);
    this.#cutAfterBytes = cutAfterBytes;
    this.#server.listen(0, '127.0.0.1');
    this.ready = once(this.#server, 'listening').then(() => {
      this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    });
  }

  #relay(near: Socket): void {
    this.connections += 1;
    let left = this.#cutAfterBytes?.(this.connections) ?? Number.POSITIVE_INFINITY;
    const far = connect({ host: this.#target.hostname, port: Number(this.#target.port), noDelay: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    near.setNoDelay(true);
    near.pipe(far);
    if (this.#paused) far.pause();
    far.on('data', (bytes: Buffer) => {
      if (left <= 0) return;
      const taken = bytes.subarray(0, Math.min(left, bytes.length));
      left -= taken.length;
      if (!near.write(taken)) far.pause();
      // After what was taken has gone: a reset would take it back.
      if (left <= 0) near.end(() => this.#break(pair));
    });
    near.on('drain', () => {
      if (!this.#paused) far.resume();
    });
    far.on('end', () => near.end());
    for (const socket of [near, far]) {
      socket.on('error', () => this.#break(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        // What one side has said last still goes to the other; what neither reads any more does not.
        if (socket === near) far.destroy();
        else near.destroySoon();
      });
    }
  }

  #break({ near, far }: { near: Socket; far: Socket }): void {
    far.resetAndDestroy();
    near.destroy();
  }

  pause(): void {
    this.#paused = true;
    for (const { far } of this.#pairs) far.pause();
  }
  resume(): void {
    this.#paused = false;
    for (const { far } of this.#pairs) far.resume();
  }
  /** Resets all there is. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      far.resetAndDestroy();
      near.resetAndDestroy();
    }
  }
  close(): void {
    this.cut();
    this.#server.close();
  }
}
